import { read, write } from "./store.js";

const STORED = "mien.language";
const LANGUAGES = ["en", "fr"];
const given = read(STORED) ?? navigator.language.slice(0, 2);
let language = LANGUAGES.includes(given) ? given : "en";
document.documentElement.lang = language;

/** Return the language the page speaks: en or fr. */
export const current = () => language;

/** Change to the other language, and remember it. */
export function switchLanguage() {
  language = LANGUAGES.find((other) => other !== language);
  write(STORED, language);
  document.documentElement.lang = language;
}

/** Return a number as the voter's language writes it. */
export function shown(number, options = {}) {
  return new Intl.NumberFormat(language, options).format(number);
}

/** Return how long ago a time was, in words. */
export function ago(iso) {
  const seconds = Math.max((Date.now() - Date.parse(iso)) / 1000, 0);
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (seconds < 60) return format.format(-Math.round(seconds), "second");
  if (seconds < 3600) return format.format(-Math.round(seconds / 60), "minute");
  if (seconds < 86_400) return format.format(-Math.round(seconds / 3600), "hour");
  return format.format(-Math.round(seconds / 86_400), "day");
}

/** Krippendorff's own limits: no conclusions under 2/3, tentative ones under 0.8. */
export function alphaWords(alpha, [none, weak, tentative, good]) {
  if (alpha <= 0) return none;
  if (alpha < 2 / 3) return weak;
  return alpha < 0.8 ? tentative : good;
}
