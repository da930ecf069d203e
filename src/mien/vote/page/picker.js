import { element } from "./dom.js";
import { shown } from "./language.js";
import { nameOf, words } from "./words.js";

/** The expressions, with how many faces are left for each, to choose one from. */
export class Picker {
  #choose;

  constructor(choose) {
    this.#choose = choose;
    this.element = element("div.picker", { role: "group", "aria-label": words("pickExpression") });
  }

  show({ expressions, left }, chosen) {
    const buttons = expressions.map((name) => {
      const count = element("span.count", {}, shown(left[name] ?? 0));
      const settings = { onclick: () => this.#choose(name), "aria-pressed": name === chosen };
      const button = element("button.chip", settings, nameOf(name), count);
      button.dataset.expression = name;
      return button;
    });
    this.element.replaceChildren(...buttons);
    const pressed = this.element.querySelector("[aria-pressed=true]");
    pressed?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
