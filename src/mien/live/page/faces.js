export const MINUTE_MS = 60_000;
const KEPT_MS = 3000; // a chosen face may be out of sight for so long
export const STEADY_MS = 300; // what a detector takes for a face for a moment is not yet one
export const GONE_MS = 1500; // a face may be missed now and then
const LARGER = 1.2; // so that two faces of one size do not take turns

const area = ({ box }) => box[2] * box[3];

/** Return the place among the classes of what is shown of a face, be it sure or a guess. */
export const placeOf = (face, classes) => classes.indexOf(face.guess);

export const isSure = (face) => face.expression !== null;

export const percent = (probability) => `${Math.round(100 * probability)} %`;

/** Return what a face shows: `happy`, or `happy?` where the model is not sure of it. */
export const nameOf = (face) => (isSure(face) ? face.expression : `${face.guess}?`);

/** Return the same with its probability, such as `happy 87 %` or `happy? 48 %`. */
export const wordsOf = (face, classes) => `${nameOf(face)} ${percent(face.probabilities[placeOf(face, classes)])}`;

/** The faces seen now, what each showed in the last minute, and which of them is the chosen one. */
export class Faces {
  now = [];
  largest = null;
  #histories = new Map();
  #picked = null;

  /** Take the faces of an answer that came at this time. */
  add(at, faces) {
    this.now = faces;
    for (const { track, probabilities } of faces) {
      if (!this.#histories.has(track)) this.#histories.set(track, []);
      this.#histories.get(track).push({ at, probabilities });
    }
    for (const [track, points] of this.#histories) {
      while (points.length && at - points[0].at > MINUTE_MS) points.shift();
      if (!points.length) this.#histories.delete(track);
    }
    if (this.#picked !== null && at - this.#lastAt(this.#picked) > KEPT_MS) this.#picked = null;
    this.#findLargest(at);
  }

  /** Forget all: the numbers of another connection are others. */
  clear() {
    this.now = [];
    this.#histories.clear();
    this.largest = this.#picked = null;
  }

  pick(track) {
    this.#picked = track;
  }

  /** The number of the face that is shown large: the one picked, else the largest; or null. */
  get chosen() {
    return this.#picked ?? this.largest;
  }

  /** Return times and probabilities of a face's last minute. */
  history(track) {
    return this.#histories.get(track) ?? [];
  }

  #lastAt(track) {
    return this.history(track).at(-1)?.at ?? -Infinity;
  }

  #findLargest(at) {
    const before = this.now.find(({ track }) => track === this.largest);
    const isLost = at - this.#lastAt(this.largest) > GONE_MS;
    const steady = this.now.filter(({ track }) => at - this.history(track)[0].at >= STEADY_MS);
    const best = steady.toSorted((one, other) => area(other) - area(one))[0];
    if (before && best ? area(best) > LARGER * area(before) : isLost) this.largest = best?.track ?? null;
  }
}
