const SHOWN_MS = 5000;

/** The line that says what is wrong now, or for a while what has just happened. */
export class Notice {
  #trouble = "";
  #news = "";
  #timer = null;

  constructor(element) {
    this.element = element;
  }

  /** Say what is wrong until it is over: until this is called with nothing. */
  trouble(words) {
    this.#trouble = words;
    this.#paint();
  }

  news(words) {
    this.#news = words;
    clearTimeout(this.#timer);
    if (words) this.#timer = setTimeout(() => this.news(""), SHOWN_MS);
    this.#paint();
  }

  #paint() {
    const words = this.#trouble || this.#news;
    if (this.element.textContent !== words) this.element.textContent = words;
    this.element.hidden = !words;
    this.element.classList.toggle("warning", this.#trouble !== "");
  }
}
