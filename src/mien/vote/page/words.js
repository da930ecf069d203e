import { ENGLISH } from "./english.js";
import { FRENCH } from "./french.js";
import { current } from "./language.js";

const WORDS = { en: ENGLISH, fr: FRENCH };
const ANSWERS = ["unsure", "not_a_face", "artificial", "yes", "no"];

/** Return the words of this name in the voter's language. */
export function words(name, values = {}) {
  const found = WORDS[current()][name];
  return typeof found === "function" ? found(values) : found;
}

/** Return an answer, an expression or a tag as it is shown; unknown ones as they were given. */
export function nameOf(answer) {
  if (ANSWERS.includes(answer)) return words(answer);
  const known = { ...words("tags"), ...words("expressions") };
  return Object.hasOwn(known, answer) ? known[answer] : answer.replaceAll("_", " ");
}
