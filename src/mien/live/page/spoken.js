import { say } from "./dom.js";

const LEAST_GAP_MS = 2000;

/** Says the largest face's expression to screen readers when it has changed, and not too often. */
export class Spoken {
  #said = "";
  #at = -Infinity;

  tell(now, face, isGone) {
    if (!face && !isGone) return; // missed for a moment
    const words = face ? (face.expression ?? `unsure, perhaps ${face.guess}`) : "no face";
    if (words === this.#said || now - this.#at < LEAST_GAP_MS) return;
    [this.#said, this.#at] = [words, now];
    say(words);
  }
}
