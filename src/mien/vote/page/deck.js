const KEPT_BEHIND = 200;

export const keyOf = (item) => `${item.face_id} ${item.repeat}`;

/** The faces in the order they are voted on, and which one is looked at. */
export class Deck {
  items = [];
  at = 0;

  /** The face that is looked at; undefined past the last. */
  get current() {
    return this.items[this.at];
  }

  /** Return how many faces are left ahead, from the one that is looked at. */
  get ahead() {
    return this.items.length - this.at;
  }

  /** Return how many faces are left that are shown once more; 0 while there is a new one. */
  get onlyRepeats() {
    const left = this.items.slice(this.at).filter(({ vote }) => vote === null);
    return left.every(({ repeat }) => repeat) ? left.length : 0;
  }

  /** Add the faces that are not here yet; forget those far behind. Return how many were added. */
  append(items) {
    const here = new Set(this.items.map(keyOf));
    const added = items.filter((item) => !here.has(keyOf(item)));
    this.items.push(...added);
    const surplus = Math.max(this.at - KEPT_BEHIND, 0);
    this.items.splice(0, surplus);
    this.at -= surplus;
    return added.length;
  }

  /** Go so many faces on, or back; return whether that was possible. */
  move(step) {
    const to = this.at + step;
    if (to < 0 || to > this.items.length) return false;
    this.at = to;
    return true;
  }

  /** Return the face that is looked at, those after it, then those before it. */
  around(behind, ahead) {
    const before = this.items.slice(Math.max(this.at - behind, 0), this.at);
    return [...this.items.slice(this.at, this.at + ahead), ...before];
  }

  /** Go to the next face without a vote, past the last if there is none. */
  toNextOpen() {
    const open = this.items.findIndex((item, index) => index >= this.at && item.vote === null);
    this.at = open < 0 ? this.items.length : open;
  }

  /** Go to the first face without a vote, past the last if there is none. */
  toFirstOpen() {
    this.at = 0;
    this.toNextOpen();
  }

  /** Go to this face; it is put in here if it is not among the others. */
  toFace(item) {
    const index = this.items.findIndex((other) => keyOf(other) === keyOf(item));
    if (index < 0) this.items.splice(this.at, 0, item);
    else this.at = index;
    return this.current;
  }
}
