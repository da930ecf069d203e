import { element } from "./dom.js";
import { words } from "./words.js";

/** The photo or frame around a face, shown on demand over the face. */
export class Scene {
  #fetch;
  #url = null;
  #faceId = null;

  constructor(fetchScene) {
    this.#fetch = fetchScene;
    this.element = element("button.scene", { hidden: true, "aria-label": words("closeScene") });
    this.element.onclick = () => this.close();
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Show the scene of a face, with a box around the face. */
  async open(item) {
    this.close();
    this.#faceId = item.face_id;
    this.element.replaceChildren(element("p.quiet", {}, words("loading")));
    this.element.hidden = false;
    try {
      const blob = await this.#fetch(item.face_id);
      if (this.#faceId !== item.face_id) return;
      this.#url = URL.createObjectURL(blob);
      const image = element("img", { src: this.#url, alt: words("sceneOf") });
      await image.decode();
      if (this.#faceId === item.face_id) this.element.replaceChildren(framed(image, item.box));
    } catch {
      if (this.#faceId === item.face_id) this.element.replaceChildren(words("noScene"));
    }
  }

  close() {
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = this.#faceId = null;
    this.element.hidden = true;
    this.element.replaceChildren();
  }
}

function framed(image, box) {
  const mark = element("span.box");
  const sides = ["left", "top", "width", "height"];
  sides.forEach((side, index) => (mark.style[side] = `${100 * box[index]}%`));
  return element("span.framed", {}, image, mark);
}
