import { keyOf } from "./deck.js";
import { element, say } from "./dom.js";
import { Picker } from "./picker.js";
import { NO_ANSWER } from "./voting.js";
import { nameOf, words } from "./words.js";

const SIZES = [[1000, 28], [600, 20], [0, 12]]; // from so many pixels of width, so many faces

const LOOK_MS = 500;
const RETRY_MS = 2_000;

const change = (item, vote) => ({ item, answer: { ...NO_ANSWER, vote } });

/** Many faces that are hoped to be, or asked about as, one expression: mark the exceptions. */
export class Grid {
  #voting;
  #pictures;
  #items = [];
  #shown = [];
  #marked = new Set();
  #expression = null;
  #asked = 0;
  #timer = null;
  #retry = null;

  constructor({ voting, pictures, expression }) {
    this.#voting = voting;
    this.#pictures = pictures;
    this.#expression = expression ?? this.#richest();
    this.question = element("h1.question");
    this.picker = new Picker((name) => this.#choose(name));
    this.cells = element("div.cells", { role: "group" });
    this.message = element("p.quiet", { hidden: true });
    this.button = element("button.confirm", { onclick: () => this.confirm() });
    const hint = voting.isReview ? words("gridHintReview") : words("gridHintLabel");
    this.hint = element("p.hint", {}, words("gridHint"), " ", hint);
    const foot = element("div.foot", {}, this.button);
    this.element = element("section.grid", {}, this.picker.element, this.question, this.hint, this.cells, this.message, foot);
  }

  get expression() {
    return this.#expression;
  }

  /** Fetch faces where few are at hand, and show the next ones. */
  async show() {
    this.picker.show(this.#voting.session, this.#expression);
    if (this.#expression === null) return this.#empty();
    if (this.#items.length < this.#size()) await this.#fetch();
    this.#lay();
  }

  /** Vote the expression on all that can be seen and are not marked; the marked get a no, or wait. */
  confirm() {
    if (this.button.disabled) return;
    this.button.disabled = true; // until faces have been there for a moment: see #lay
    const seen = this.#shown.filter((item) => this.#pictures.now(item.face_id));
    const isMarked = (item) => this.#marked.has(keyOf(item));
    const plain = seen.filter((item) => !isMarked(item));
    const { isReview, passedOver } = this.#voting;
    const changes = plain.map((item) => change(item, isReview ? "yes" : this.#expression));
    if (isReview) changes.push(...seen.filter(isMarked).map((item) => change(item, "no")));
    else for (const item of seen.filter(isMarked)) passedOver.add(keyOf(item));
    for (const item of this.#shown) if (this.#pictures.isGone(item.face_id)) passedOver.add(keyOf(item));
    if (changes.length) this.#voting.cast(changes);
    this.#items = this.#items.filter((item) => item.vote === null && !passedOver.has(keyOf(item)));
    say(words("confirmed", { number: plain.length, expression: nameOf(this.#expression) }));
    return this.show();
  }

  undo() {
    const items = this.#voting.undo();
    if (!items.length) return say(words("nothingToUndo"));
    say(words("takenBack"));
    const here = items.filter((item) => item.expression === this.#expression && !item.repeat);
    this.#items.unshift(...here.filter((item) => item.vote === null));
    this.picker.show(this.#voting.session, this.#expression);
    this.#lay();
  }

  key(event) {
    const { key } = event;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.#columns(), ArrowDown: this.#columns() };
    const isUndo = key.toLowerCase() === "z" && !event.altKey && !event.shiftKey;
    if (key in steps) this.#focus(this.#index() + steps[key]);
    else if (key === "Enter" && !event.repeat && !event.target.closest(".picker, header")) this.confirm();
    else if (key === " " && !event.target.closest("button")) this.#toggle(Math.max(this.#index(), 0));
    else if (isUndo) this.undo();
    else return false;
    return true;
  }

  close() {}

  #size() {
    return SIZES.find(([width]) => innerWidth >= width)[1];
  }

  async #fetch() {
    const asked = ++this.#asked;
    const { next } = await this.#voting.faces(this.#expression).catch(() => this.#lost());
    if (asked !== this.#asked) return;
    const here = new Set(this.#items.map(keyOf));
    const isNew = (item) => !here.has(keyOf(item)) && !this.#voting.passedOver.has(keyOf(item)) && !item.repeat;
    this.#items.push(...next.filter((item) => isNew(item) && item.expression === this.#expression));
  }

  #lost() {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.element.isConnected && !this.#shown.length && this.show(), RETRY_MS);
    return { next: [] };
  }

  #lay() {
    this.#marked.clear();
    this.#shown = this.#items.slice(0, this.#size());
    if (!this.#shown.length) return this.#empty();
    const ahead = this.#items.slice(0, 2 * this.#size());
    this.#pictures.hold(ahead.map(({ face_id }) => face_id));
    const expression = nameOf(this.#expression);
    this.question.textContent = words("gridQuestion", { expression });
    this.cells.replaceChildren(...this.#shown.map((item, index) => this.#cell(item, index)));
    this.#isEmpty(false);
    this.#count();
    this.#focus(0);
    this.button.disabled = true; // a second press, meant for the faces before, confirms nothing
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.button.disabled = false), LOOK_MS);
  }

  #cell(item, index) {
    const cell = element("button.cell", { onclick: () => this.#toggle(index), tabIndex: index ? -1 : 0 });
    cell.setAttribute("aria-pressed", "false");
    cell.setAttribute("aria-label", words("faceNumber", { number: index + 1 }));
    cell.onfocus = () => this.#rove(cell);
    const show = () => cell.replaceChildren(this.#pictures.now(item.face_id) ?? element("span.blank"));
    show();
    if (!this.#pictures.now(item.face_id)) this.#pictures.settled(item.face_id).then(() => cell.isConnected && show());
    return cell;
  }

  #toggle(index) {
    const item = this.#shown[index];
    const key = keyOf(item);
    const on = !this.#marked.delete(key);
    if (on) this.#marked.add(key);
    this.cells.children[index].setAttribute("aria-pressed", on);
    this.#count();
  }

  #count() {
    const number = this.#shown.length - this.#marked.size;
    const expression = nameOf(this.#expression);
    const label = number ? words("confirm", { number, expression }) : words("confirmNone");
    this.button.replaceChildren(label, element("kbd", { "aria-hidden": "true" }, "Enter"));
  }

  #empty() {
    const expression = this.#expression === null ? "" : nameOf(this.#expression);
    this.cells.replaceChildren();
    this.question.textContent = words("gridEmpty", { expression });
    this.message.textContent = this.#voting.passedOver.size ? words("gridLeft", { number: this.#voting.passedOver.size }) : "";
    this.#isEmpty(true);
  }

  #isEmpty(on) {
    this.message.hidden = !on;
    this.hint.hidden = this.button.hidden = on;
  }

  #choose(name) {
    this.#expression = name;
    this.#items = [];
    return this.show();
  }

  /** Return the expression with most faces left; null when there is none with any. */
  #richest() {
    const { left, expressions } = this.#voting.session;
    const most = Math.max(...expressions.map((name) => left[name] ?? 0));
    return most ? expressions.find((name) => left[name] === most) : null;
  }

  #columns() {
    return getComputedStyle(this.cells).gridTemplateColumns.split(" ").length;
  }

  #index() {
    return [...this.cells.children].indexOf(document.activeElement);
  }

  #focus(index) {
    this.cells.children[Math.max(index, 0)]?.focus({ preventScroll: true });
  }

  #rove(cell) {
    for (const other of this.cells.children) other.tabIndex = other === cell ? 0 : -1;
  }
}
