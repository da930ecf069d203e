import { element } from "./dom.js";

const OVER_MS = 2000;
const EVERY_MS = 500;
const STEPS = { decode: "open", detect: "find faces", crop: "crop", classify: "classify", whole: "server", trip: "there and back" };

/** How fast it goes: frames a second, those left out, how old an answer is, and what takes how long. */
export class Pace {
  #answers = [];
  #shownAt = 0;
  #ms = {};

  constructor(figures, times) {
    const cell = (list, words) => {
      const value = element("dd", {}, "–");
      list.append(element("div", {}, element("dt", {}, words), value));
      return value;
    };
    this.times = times;
    this.rate = cell(figures, "frames a second");
    this.dropped = cell(figures, "dropped");
    this.latency = cell(figures, "latency");
    this.steps = Object.fromEntries(Object.keys(STEPS).map((step) => [step, cell(times, STEPS[step])]));
  }

  /** Take an answer that came `trip` ms after its frame was taken. */
  add(now, trip, ms, dropped) {
    this.#answers.push({ now, trip });
    while (now - this.#answers[0].now > OVER_MS) this.#answers.shift();
    for (const [step, took] of Object.entries({ ...ms, trip })) {
      this.#ms[step] = 0.8 * (this.#ms[step] ?? took) + 0.2 * took;
    }
    if (now - this.#shownAt < EVERY_MS) return;
    this.#shownAt = now;
    this.rate.textContent = this.#rate().toFixed(1);
    this.dropped.textContent = dropped;
    this.latency.textContent = `${Math.round(this.#ms.trip)} ms`;
    for (const [step, cell] of Object.entries(this.steps)) cell.textContent = `${this.#ms[step].toFixed(1)} ms`;
  }

  /** Show or hide what takes how long; return whether it is shown. */
  toggle() {
    this.times.hidden = !this.times.hidden;
    return !this.times.hidden;
  }

  clear() {
    this.#answers = [];
    for (const cell of [this.rate, this.latency]) cell.textContent = "–";
  }

  #rate() {
    const passed = this.#answers.at(-1).now - this.#answers[0].now;
    return passed ? (1000 * (this.#answers.length - 1)) / passed : 0;
  }
}
