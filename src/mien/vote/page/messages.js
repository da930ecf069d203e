import { element } from "./dom.js";
import { words } from "./words.js";

/** A view of few words: a title, a hint, and what can be done. */
export class Message {
  constructor(title, hint, ...buttons) {
    const parts = [element("h1", {}, title), element("p", {}, hint), ...buttons];
    this.element = element("section.message", {}, ...parts);
  }

  show() {}

  key() {
    return false;
  }

  close() {}
}

/** After the last face. */
export function thanks({ name, done }, waiting, lookBack) {
  const back = element("button.outlined", { onclick: lookBack }, words("lookBack"));
  return new Message(words("thanks", { name }), words("thanksHint", { done, waiting }), back);
}

export const allClosed = () => new Message(words("allClosed"), words("allClosedHint"));

export const searching = () => new Message(words("searching"), "");

/** The link is of no voter; `kept` ballots wait in this browser for a link that is. */
export function badLink(kept) {
  const waiting = kept ? ` ${words("badLinkKept", { number: kept })}` : "";
  return new Message(words("badLink"), words("badLinkHint") + waiting);
}
