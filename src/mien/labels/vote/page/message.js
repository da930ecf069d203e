import { element } from "./dom.js";

/** A page of few words: a title, a hint, and what can be done. */
export class Message {
  constructor(title, hint = "", ...buttons) {
    const parts = [element("h1", {}, title), element("p", {}, hint), ...buttons];
    this.element = element("section.message", {}, ...parts);
  }

  show() {}

  key() {
    return false;
  }

  close() {}
}
