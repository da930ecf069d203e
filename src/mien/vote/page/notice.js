import { say } from "./dom.js";
import { words } from "./words.js";

const SHOWN_MS = 12_000;

/** The line that says what is wrong, or what has just changed. Trouble stays until it is over. */
export class Notice {
  #element;
  #trouble = "";
  #news = "";
  #timer = null;

  constructor(element) {
    this.#element = element;
  }

  /** Say what keeps the queue's ballots waiting, or that nothing does. */
  trouble({ trouble, size }) {
    const isNew = trouble && !this.#trouble;
    const name = trouble?.status === 507 ? "diskFull" : "waiting";
    this.#trouble = trouble && size ? words(name, { number: size }) : "";
    if (isNew) say(this.#trouble); // once: the number changes with every vote
    this.#paint();
  }

  /** Say something for a while. */
  news(text) {
    this.#news = text;
    say(text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.news(""), SHOWN_MS);
    this.#paint();
  }

  #paint() {
    const lines = [this.#news, this.#trouble].filter(Boolean);
    this.#element.hidden = !lines.length;
    this.#element.textContent = lines.join(" ");
    this.#element.classList.toggle("warning", this.#trouble !== "");
  }
}
