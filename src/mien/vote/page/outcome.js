import { element } from "./dom.js";
import { shown } from "./language.js";
import { words } from "./words.js";

const REASONS = ["ties", "rejected", "contested", "too_few", "unvoted", "kept_few", "kept_unvoted"];

/** What the votes so far give: how many faces have a label, why others have none, what helps. */
export function outcomeOf(told, waiting = 0) {
  const isFirst = told.round === "label" || told.round === "second_look";
  const sentence = words(isFirst ? "outcomeFirst" : "outcomeLast", told);
  const rows = REASONS.filter((reason) => told[reason]).map((reason) => [told[reason], words(`why_${reason}`, told)]);
  if (waiting) rows.push([waiting, words("stillWaiting")]);
  const list = rows.map(([number, text]) => element("li", {}, element("b", {}, shown(number)), element("span", {}, text)));
  const helps = told.helps.map((help) => element("p.helps", {}, ...words("outcomeHelp", help).map(asCode)));
  return element("div.outcome", {}, element("p.lead", {}, sentence), element("ul", {}, ...list), ...helps);
}

/** Every other part of a text is what is typed. */
export function asCode(text, index) {
  return index % 2 ? element("code", {}, text) : text;
}
