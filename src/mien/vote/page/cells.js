import { keyOf } from "./deck.js";
import { element } from "./dom.js";
import { words } from "./words.js";

/** Faces side by side, each of which can be marked. Calls `changed()` when a mark is set or cleared. */
export class Cells {
  #pictures;
  #changed;
  #marked = new Set();
  items = [];

  constructor(pictures, changed) {
    this.#pictures = pictures;
    this.#changed = changed;
    this.element = element("div.cells", { role: "group" });
  }

  /** The items whose picture can be seen, in two lists: the plain ones and the marked ones. */
  get seen() {
    const seen = this.items.filter((item) => this.#pictures.now(item.face_id));
    const isMarked = (item) => this.#marked.has(keyOf(item));
    return [seen.filter((item) => !isMarked(item)), seen.filter(isMarked)];
  }

  get unmarked() {
    return this.items.length - this.#marked.size;
  }

  /** Show these items, none of them marked. */
  show(items) {
    this.items = items;
    this.#marked.clear();
    this.element.replaceChildren(...items.map((item, index) => this.#cell(item, index)));
    this.#focus(0);
  }

  /** Move by an arrow, mark by the space bar; return whether the key was one of these. */
  key({ key, target }) {
    const columns = getComputedStyle(this.element).gridTemplateColumns.split(" ").length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    const index = [...this.element.children].indexOf(document.activeElement);
    if (key in steps) this.#focus(index + steps[key]);
    else if (key === " " && !target.closest("button")) this.#toggle(0); // a button does it by itself
    else return false;
    return true;
  }

  #cell(item, index) {
    const settings = { "aria-pressed": "false", "aria-label": words("faceNumber", { number: index + 1 }) };
    const cell = element("button.cell", { ...settings, tabIndex: index ? -1 : 0 });
    cell.onclick = () => this.#toggle(index);
    cell.onfocus = () => this.#rove(cell);
    this.#picture(cell, item);
    return cell;
  }

  #picture(cell, item) {
    const image = this.#pictures.now(item.face_id);
    cell.replaceChildren(image ?? element("span.blank"));
    if (image || this.#pictures.isGone(item.face_id)) return;
    this.#pictures.settled(item.face_id).then(() => cell.isConnected && this.#picture(cell, item));
  }

  #toggle(index) {
    const key = keyOf(this.items[index]);
    const on = !this.#marked.delete(key);
    if (on) this.#marked.add(key);
    this.element.children[index].setAttribute("aria-pressed", on);
    this.#changed();
  }

  #focus(index) {
    const cell = this.element.children[Math.max(index, 0)];
    cell?.focus({ preventScroll: true });
    cell?.scrollIntoView({ block: "nearest" });
  }

  /** Let the tab key come to one cell only; the arrows go on from there. */
  #rove(cell) {
    for (const other of this.element.children) other.tabIndex = other === cell ? 0 : -1;
  }
}
