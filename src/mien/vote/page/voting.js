import { Deck, keyOf } from "./deck.js";
import { placeOf } from "./queue.js";

const ASKED_FOR = 100;
const REFILL_UNDER = 50;
const STEPS = 500; // that can be undone
export const NO_ANSWER = { vote: null, also: null, tags: [] };

const answerOf = ({ vote, also, tags }) => ({ vote, also, tags });

/** One voter in one round: what is asked, what was answered, and how it is taken back. */
export class Voting {
  #api;
  #queue;
  #clock;
  #history = [];
  #refilling = null;
  #exhausted = false;
  deck = new Deck();
  passedOver = new Set(); // keys of faces that were marked as exceptions, for the single view

  constructor(api, queue, clock, session) {
    this.#api = api;
    this.#queue = queue;
    this.#clock = clock;
    this.session = session;
  }

  get isReview() {
    return this.session.round === "review";
  }

  /** Fetch the last answers and the next faces, and go to the first without an answer. */
  async load() {
    const { done, next } = await this.faces(null);
    this.deck = new Deck();
    this.#exhausted = false;
    this.deck.append([...done, ...next]);
    this.deck.toFirstOpen();
    if (this.#history.length) return;
    const answered = this.deck.items.slice(0, this.deck.at); // a reload can still be undone
    this.#history = answered.map((item) => [{ item, before: NO_ANSWER }]);
  }

  /** Return `{done, next}` as they are with this browser's ballots, which the server may not have. */
  async faces(expression) {
    const { done, next } = await this.#api.faces(ASKED_FOR, expression);
    const all = [...done, ...next].map((item) => this.#withOwn(item));
    const answered = all.filter((item) => item.vote !== null);
    return { done: answered, next: all.filter((item) => item.vote === null) };
  }

  /** Fetch more faces when few are left. Once there were no more, ask again only past the last. */
  async refill() {
    const { ahead } = this.deck;
    if (ahead >= REFILL_UNDER || (this.#exhausted && ahead)) return;
    const deck = this.deck;
    this.#refilling ??= this.faces(null).finally(() => (this.#refilling = null));
    const { next } = await this.#refilling;
    if (deck === this.deck) this.#exhausted = deck.append(next) === 0;
  }

  /** Cast ballots on `[{item, answer}]`; all of them are one step to undo. */
  cast(changes) {
    this.#history.push(changes.map(({ item }) => ({ item, before: answerOf(item) })));
    this.#history.splice(0, this.#history.length - STEPS);
    for (const { item, answer } of changes) this.#answer(item, answer);
  }

  /** Give the last faces that were voted on the answers they had before; return those faces. */
  undo() {
    const step = this.#history.pop() ?? [];
    for (const { item, before } of step) this.#answer(item, before);
    return step.map(({ item }) => item);
  }

  /** Take in what another tab of this voter cast. */
  follow(ballot) {
    if (ballot.round !== this.session.round) return;
    const item = this.deck.items.find((one) => keyOf(one) === keyOf(ballot));
    if (item) this.#set(item, answerOf(ballot));
  }

  #answer(item, answer) {
    this.#set(item, answer);
    this.#queue.add({
      face_id: item.face_id,
      round: this.session.round,
      asked: this.isReview ? item.expression : null,
      ...answer,
      repeat: item.repeat,
      cast_at: this.#clock.stamp(),
    });
  }

  #set(item, answer) {
    const more = (answer.vote !== null) - (item.vote !== null);
    Object.assign(item, answer);
    const inDeck = this.deck.items.find((one) => keyOf(one) === keyOf(item));
    if (inDeck) Object.assign(inDeck, answer); // the grid has items of its own
    if (answer.vote !== null) this.passedOver.delete(keyOf(item));
    if (item.repeat) return; // faces are counted without repeats
    const { session } = this;
    const hoped = item.expression ?? "";
    session.done += more;
    session.left[hoped] = Math.max((session.left[hoped] ?? 0) - more, 0);
  }

  #withOwn(item) {
    const own = this.#queue.latest(placeOf({ ...item, round: this.session.round }));
    return own ? { ...item, ...answerOf(own) } : item;
  }
}
