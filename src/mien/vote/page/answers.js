import { element } from "./dom.js";
import { answerKey, tagKeys } from "./keys.js";
import { nameOf, words } from "./words.js";

/** The buttons of all answers, tags and the second expression; `primary` are those with numbers. */
export class Answers {
  #buttons = new Map();
  #tags = new Map();

  constructor(session, { answer, tag, also }) {
    const isReview = session.round === "review";
    this.primary = isReview ? ["yes", "no"] : session.expressions;
    const first = this.primary.map((name, index) => this.#button(name, index < 9 ? index + 1 : null, answer));
    const others = session.answers.map((name) => this.#button(name, answerKey(name), answer));
    const keys = tagKeys(session.tags);
    const tags = session.tags.map((name) => this.#tagButton(name, keys[name], tag));
    this.columns = this.primary.length > 4 ? 3 : 2; // on a phone
    const alsoHint = words("meanings").also;
    this.also = chip(words("also"), isReview ? null : "Shift 1", { onclick: also, title: alsoHint });
    this.also.hidden = isReview;
    this.element = element(
      "div.answers",
      {},
      element(isReview ? "div.primary.review" : "div.primary", {}, ...first),
      element("div.others", {}, ...others),
      element("div.tags", {}, ...tags, this.also),
    );
  }

  get isAskingAlso() {
    return this.element.classList.contains("asking");
  }

  /** Have the next expression taken as a second one, or no longer. */
  askAlso(on) {
    this.element.classList.toggle("asking", on);
    this.also.setAttribute("aria-pressed", on);
    this.also.firstChild.textContent = words(on ? "alsoNow" : "also");
  }

  /** Show an answer as pressed buttons. */
  show({ vote, also, tags }) {
    this.askAlso(false);
    for (const [name, button] of this.#buttons) {
      button.setAttribute("aria-pressed", name === vote);
      button.classList.toggle("second", name === also);
    }
    for (const [name, button] of this.#tags) button.setAttribute("aria-pressed", tags.includes(name));
    this.also.setAttribute("aria-pressed", also !== null);
    if (also) this.also.firstChild.textContent = `${words("also")} ${nameOf(also)}`;
  }

  #button(name, key, act) {
    const button = element("button.answer", { onclick: () => act(name), "aria-pressed": "false" });
    button.dataset.answer = name;
    button.title = words("meanings")[name] ?? "";
    button.append(element("span", {}, nameOf(name)), keyHint(key));
    this.#buttons.set(name, button);
    return button;
  }

  #tagButton(name, key, act) {
    const button = chip(nameOf(name), key, { onclick: () => act(name) });
    button.dataset.tag = name;
    this.#tags.set(name, button);
    return button;
  }
}

function chip(label, key, settings) {
  const button = element("button.chip", { "aria-pressed": "false", ...settings });
  button.append(element("span", {}, label), keyHint(key));
  return button;
}

function keyHint(key) {
  return key === null ? "" : element("kbd", { "aria-hidden": "true" }, String(key));
}
