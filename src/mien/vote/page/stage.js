import { element } from "./dom.js";
import { Scene } from "./scene.js";
import { nameOf, words } from "./words.js";

const AHEAD = 24;
const BEHIND = 6;

/** The face that is looked at, large; the one before it with its answer, and a glimpse of the next. */
export class Stage {
  #voting;
  #pictures;
  #seen = null;

  constructor({ voting, pictures, api, back }) {
    this.#voting = voting;
    this.#pictures = pictures;
    this.scene = new Scene((faceId) => api.picture(faceId, "scene"));
    const show = () => this.toggleScene();
    this.face = element("button.face", { onclick: show, "aria-label": words("face") });
    this.before = element("button.aside", { onclick: back, "aria-label": words("previousFace") });
    this.after = element("div.aside", { "aria-hidden": "true" });
    this.element = element("div.stage", {}, this.before, this.face, this.after, this.scene.element);
  }

  /** The face whose picture can be seen; null while there is none: nobody votes on what they cannot see. */
  get seen() {
    return this.#seen;
  }

  /** Show the face that is looked at, and fetch the pictures around it. */
  show() {
    const { deck } = this.#voting;
    this.scene.close();
    this.#pictures.hold(deck.around(BEHIND, AHEAD).map(({ face_id }) => face_id));
    this.#paint(deck.current);
  }

  /** Show that the next face is being asked for. */
  wait() {
    this.#seen = null;
    this.face.replaceChildren(element("p.quiet", {}, words("loading")));
  }

  toggleScene() {
    const { current } = this.#voting.deck;
    if (this.scene.isOpen) this.scene.close();
    else if (current) this.scene.open(current);
  }

  #paint(item) {
    const { items, at } = this.#voting.deck;
    const image = this.#pictures.now(item.face_id);
    if (image) this.face.replaceChildren(image);
    else this.#await(item);
    this.#seen = image ? item : null;
    this.#thumb(this.before, items[at - 1]);
    this.#thumb(this.after, items[at + 1]);
  }

  #await(item) {
    const isGone = this.#pictures.isGone(item.face_id);
    this.face.replaceChildren(element("p.quiet", {}, words(isGone ? "noPicture" : "loading")));
    if (isGone) return;
    this.#pictures.settled(item.face_id).then(() => {
      if (this.#voting.deck.current === item && this.#seen !== item) this.#paint(item);
    });
  }

  #thumb(place, item) {
    const image = item && this.#pictures.now(item.face_id);
    const said = item?.vote ? nameOf(item.vote) : "";
    place.classList.toggle("empty", !item);
    place.disabled = !item;
    place.replaceChildren(image || element("span.blank"), element("span.said", {}, said));
  }
}
