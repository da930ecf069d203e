import { names, read, remove, write } from "./store.js";

const MOST_BALLOTS = 100;
const REMEMBERED = 1_000; // ballots; by then the server's answers count them
const MOST_CHARACTERS = 20_000; // of at most three bytes each: under the server's 64 KiB
const LONGEST_WAIT_S = 30;
const OTHER_TAB_S = 3;

/** Return what tells a ballot's face and round from all others of this voter. */
export const placeOf = (ballot) => `${ballot.round} ${ballot.face_id} ${ballot.repeat}`;

/**
 * The ballots that the server has not acknowledged, sent in order.
 *
 * Each is one entry of the browser's store, so tabs of one voter see each other's and lose none.
 * Two tabs may send the same ballot; to the server it is one.
 *
 * `trouble` is null while all goes well, else the Refusal that keeps the ballots waiting.
 * Events: `change`; `closed` {lost}; `refused` {refused}; `elsewhere` {ballot} of another tab.
 */
export class Queue extends EventTarget {
  #prefix;
  #save;
  #unsent = new Map();
  #known = new Map();
  #failures = 0;
  #timer = null;
  #sending = null;
  trouble = null;

  constructor(prefix, save) {
    super();
    this.#prefix = prefix;
    this.#save = save;
    for (const name of names(prefix).sort()) this.#take(name, read(name));
    addEventListener("storage", (event) => this.#follow(event));
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.send());
  }

  get size() {
    return this.#unsent.size;
  }

  /** Return this browser's latest ballot for a place, sent or not; undefined when it has none. */
  latest(place) {
    return this.#known.get(place);
  }

  add(ballot) {
    const name = `${this.#prefix}${ballot.cast_at} ${placeOf(ballot)}`;
    const text = JSON.stringify(ballot);
    write(name, text);
    this.#take(name, text);
    this.#changed("change");
    if (!this.#timer) this.send();
  }

  /** Send what waits; return once all is sent or something is in the way. */
  send() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
      this.#changed("change");
    });
    return this.#sending;
  }

  async #sendAll() {
    await null; // ballots that are added in one go leave in one batch
    while (this.#unsent.size) {
      const batch = this.#batch();
      try {
        const { refused } = await this.#save(batch.map(([, ballot]) => ballot));
        this.#forget(batch);
        this.#failures = 0;
        this.trouble = null;
        if (refused.length) this.#changed("refused", { refused });
      } catch (refusal) {
        if (!this.#cleared(refusal, batch)) return;
      }
      this.#changed("change");
    }
    this.trouble = null;
  }

  /** Return whether sending can go on at once after a refusal. */
  #cleared(refusal, batch) {
    if (refusal.status === 409) {
      const round = batch[0][1].round;
      const lost = [...this.#unsent].filter(([, ballot]) => ballot.round === round);
      this.#forget(lost);
      this.#changed("closed", { lost: lost.length });
      return true;
    }
    if ([400, 413].includes(refusal.status) && batch.length === 1) {
      this.#forget(batch); // sent alone and not understood: it would bar the way for ever
      this.#changed("refused", { refused: [{ reason: refusal.message }] });
      return true;
    }
    this.trouble = refusal;
    this.#failures += 1;
    if (refusal.status !== 401) this.#retry(Math.max(refusal.retryAfter, this.#pause()));
    return false;
  }

  #pause() {
    const seconds = Math.min(2 ** (this.#failures - 1), LONGEST_WAIT_S);
    return seconds * (0.75 + Math.random() / 2); // voters whom one outage hit do not return as one
  }

  #retry(seconds) {
    this.#timer ??= setTimeout(() => this.send(), seconds * 1000);
  }

  /** Return the oldest ballots, all of one round; one alone after a batch was not understood. */
  #batch() {
    const inOrder = [...this.#unsent].sort(([a], [b]) => (a < b ? -1 : 1));
    const alone = [400, 413].includes(this.trouble?.status);
    const batch = [];
    let characters = 0;
    for (const [name, ballot] of inOrder.slice(0, alone ? 1 : MOST_BALLOTS)) {
      characters += JSON.stringify(ballot).length;
      const fits = ballot.round === inOrder[0][1].round && characters < MOST_CHARACTERS;
      if (!fits && batch.length) break;
      batch.push([name, ballot]);
    }
    return batch;
  }

  #take(name, text) {
    if (text === null) return null; // another tab has sent it meanwhile
    const ballot = JSON.parse(text);
    this.#unsent.set(name, ballot);
    const place = placeOf(ballot);
    if (this.#known.get(place)?.cast_at > ballot.cast_at) return ballot;
    this.#known.delete(place); // the latest come last
    this.#known.set(place, ballot);
    return ballot;
  }

  #forget(entries) {
    for (const [name] of entries) {
      this.#unsent.delete(name);
      remove(name);
    }
    const old = Math.max(this.#known.size - REMEMBERED, 0);
    for (const place of [...this.#known.keys()].slice(0, old)) this.#known.delete(place);
  }

  #follow({ key, newValue }) {
    if (!key?.startsWith(this.#prefix)) return;
    if (newValue === null) this.#unsent.delete(key);
    else {
      this.#changed("elsewhere", { ballot: this.#take(key, newValue) });
      this.#retry(OTHER_TAB_S); // the other tab sends it, unless it was closed
    }
    this.#changed("change");
  }

  #changed(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
