import { Cells } from "./cells.js";
import { keyOf } from "./deck.js";
import { element, say } from "./dom.js";
import { Picker } from "./picker.js";
import { NO_ANSWER } from "./voting.js";
import { nameOf, words } from "./words.js";

const SIZES = [[1000, 28], [600, 20], [0, 12]]; // from so many pixels of width, so many faces
const LOOK_MS = 500;
const RETRY_MS = 2_000;

/** Many faces that are hoped to be, or asked about as, one expression: mark the exceptions. */
export class Grid {
  #voting;
  #pictures;
  #items = [];
  #expression;
  #asked = 0;
  #isLost = false;
  #timer = null;
  #retry = null;

  constructor({ voting, pictures, expression }) {
    this.#voting = voting;
    this.#pictures = pictures;
    this.#expression = expression ?? this.#richest();
    this.picker = new Picker((name) => this.#choose(name));
    this.question = element("h1.question");
    const rest = words(voting.isReview ? "gridHintReview" : "gridHintLabel");
    this.hint = element("p.hint", {}, `${words("gridHint")} ${rest}`);
    this.cells = new Cells(pictures, () => this.#count());
    this.message = element("p.quiet", { hidden: true });
    this.button = element("button.confirm", { onclick: () => this.#confirm() });
    const foot = element("div.foot", {}, this.button);
    const parts = [this.picker.element, this.question, this.hint, this.cells.element, this.message, foot];
    this.element = element("section.grid", {}, ...parts);
  }

  get expression() {
    return this.#expression;
  }

  /** Fetch faces where few are at hand, and show the next ones. */
  async show() {
    this.picker.show(this.#voting.session, this.#expression);
    if (this.#items.length < this.#size()) await this.#fetch();
    this.#lay();
  }

  key(event) {
    const { key, target } = event;
    if (this.cells.key(event)) return true;
    if (key === "Enter" && !event.repeat && !target.closest(".picker, header")) this.#confirm();
    else if (key.toLowerCase() === "z" && !event.altKey && !event.shiftKey) this.#undo();
    else return false;
    return true;
  }

  close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
  }

  /** Vote the expression on all that can be seen and are not marked; the marked get a no, or wait. */
  #confirm() {
    if (this.button.disabled) return;
    this.button.disabled = true; // until the next faces have been there for a moment: see #lay
    const [plain, marked] = this.cells.seen;
    const { isReview, passedOver } = this.#voting;
    const changes = plain.map((item) => change(item, isReview ? "yes" : this.#expression));
    if (isReview) changes.push(...marked.map((item) => change(item, "no")));
    const gone = this.cells.items.filter((item) => this.#pictures.isGone(item.face_id));
    for (const item of isReview ? gone : [...marked, ...gone]) passedOver.add(keyOf(item));
    if (changes.length) this.#voting.cast(changes);
    this.#items = this.#items.filter((item) => item.vote === null && !passedOver.has(keyOf(item)));
    say(words("confirmed", { number: plain.length, expression: nameOf(this.#expression) }));
    this.show();
  }

  #undo() {
    const items = this.#voting.undo();
    if (!items.length) return say(words("nothingToUndo"));
    say(words("takenBack"));
    const here = items.filter((item) => item.expression === this.#expression && !item.repeat);
    this.#items.unshift(...here.filter((item) => item.vote === null));
    this.picker.show(this.#voting.session, this.#expression);
    this.#lay();
  }

  #size() {
    return SIZES.find(([width]) => innerWidth >= width)[1];
  }

  async #fetch() {
    if (this.#expression === null) return;
    const asked = ++this.#asked;
    this.#isLost = false;
    const { next } = await this.#voting.faces(this.#expression).catch(() => this.#lost());
    if (asked !== this.#asked) return;
    const known = new Set([...this.#items.map(keyOf), ...this.#voting.passedOver]);
    const fits = (item) => item.expression === this.#expression && !item.repeat && !known.has(keyOf(item));
    this.#items.push(...next.filter(fits));
  }

  #lost() {
    this.#isLost = true;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.cells.items.length || this.show(), RETRY_MS);
    return { next: [] };
  }

  #lay() {
    const shown = this.#items.slice(0, this.#size());
    const ahead = this.#items.slice(0, 2 * this.#size());
    this.#pictures.hold(ahead.map(({ face_id }) => face_id));
    this.cells.show(shown);
    this.message.hidden = shown.length > 0;
    this.hint.hidden = this.button.hidden = shown.length === 0;
    if (!shown.length) return this.#empty();
    this.question.textContent = words("gridQuestion", { expression: nameOf(this.#expression) });
    this.#count();
    this.button.disabled = true; // a second press, meant for the faces before, confirms nothing
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.button.disabled = false), LOOK_MS);
  }

  #count() {
    const number = this.cells.unmarked;
    const expression = nameOf(this.#expression);
    const label = number ? words("confirm", { number, expression }) : words("confirmNone");
    this.button.replaceChildren(label, element("kbd", { "aria-hidden": "true" }, "Enter"));
  }

  #empty() {
    this.question.textContent = words(this.#isLost ? "searching" : "gridEmpty");
    const { size } = this.#voting.passedOver;
    this.message.textContent = size ? words("gridLeft", { number: size }) : "";
  }

  #choose(name) {
    this.#expression = name;
    this.#items = [];
    this.button.disabled = true; // it would confirm the faces of the expression before
    return this.show();
  }

  /** Return the expression with most faces left; null when there is none with any. */
  #richest() {
    const { left, expressions } = this.#voting.session;
    const most = Math.max(...expressions.map((name) => left[name] ?? 0));
    return most ? expressions.find((name) => left[name] === most) : null;
  }
}

function change(item, vote) {
  return { item, answer: { ...NO_ANSWER, vote } };
}
