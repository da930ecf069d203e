import { element } from "./dom.js";
import { words } from "./words.js";

/** Return a view of few words: a title, a hint, and what can be done. */
function message(title, hint, ...buttons) {
  const parts = [element("h1", {}, title), element("p", {}, hint), ...buttons];
  return { element: element("section.message", {}, ...parts), show() {}, key: () => false, close() {} };
}

/** After the last face. */
export function thanks({ name, done }, waiting, lookBack) {
  const back = element("button.outlined", { onclick: lookBack }, words("lookBack"));
  return message(words("thanks", { name }), words("thanksHint", { done, waiting }), back);
}

export const allClosed = () => message(words("allClosed"), words("allClosedHint"));

export const searching = () => message(words("searching"), "");

/** The link is of no voter; `kept` ballots wait in this browser for a link that is. */
export function badLink(kept) {
  const waiting = kept ? ` ${words("badLinkKept", { number: kept })}` : "";
  return message(words("badLink"), words("badLinkHint") + waiting);
}
