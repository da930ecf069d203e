import { Answers } from "./answers.js";
import { element, say } from "./dom.js";
import { read } from "./keys.js";
import { Stage } from "./stage.js";
import { NO_ANSWER } from "./voting.js";
import { nameOf, words } from "./words.js";

const RETRY_MS = 2_000;

/** One face at a time, and the answers to it. Calls `atEnd()` when no face is left to vote on. */
export class Single {
  #voting;
  #atEnd;
  #draft = NO_ANSWER;

  constructor({ voting, pictures, api, atEnd }) {
    this.#voting = voting;
    this.#atEnd = atEnd;
    this.stage = new Stage({ voting, pictures, api, back: () => this.#move(-1) });
    this.answers = new Answers(voting.session, {
      answer: (vote) => this.answer(vote),
      tag: (tag) => this.#tag(tag),
      also: () => this.#askAlso(),
    });
    this.question = element("h1.question");
    this.question.classList.toggle("unseen", !voting.isReview);
    const parts = [this.question, this.stage.element, this.answers.element, this.#tools()];
    this.element = element("section.single", {}, ...parts);
    const { primary, columns } = this.answers; // what they leave of a phone's height is the face's
    this.element.style.setProperty("--columns", columns);
    this.element.style.setProperty("--rows", Math.ceil(primary.length / columns));
    this.element.classList.toggle("many", primary.length > 5);
  }

  /** Show the face that is looked at; its picture may come later. */
  show() {
    const { deck, isReview } = this.#voting;
    const item = deck.current;
    if (!item) return this.#lookForMore();
    const name = isReview ? "reviewQuestion" : "labelQuestion";
    this.question.textContent = words(name, { expression: isReview && nameOf(item.expression) });
    this.#draft = { vote: item.vote, also: item.also, tags: item.tags };
    this.answers.show(this.#draft);
    this.stage.show();
    this.#voting.refill().catch(() => {}); // the notice says that the server is lost
  }

  /** Answer the face that is looked at, and go on. */
  answer(vote) {
    const item = this.stage.seen;
    if (!item) return;
    if (this.answers.isAskingAlso) return this.#also(vote);
    const isNew = item.vote === null;
    const also = this.#draft.also === vote ? null : this.#draft.also;
    this.#voting.cast([{ item, answer: { vote, also, tags: this.#draft.tags } }]);
    if (isNew) this.#voting.deck.toNextOpen();
    else this.#voting.deck.move(1);
    say(`${words("voted", { answer: nameOf(vote) })}; ${words("progress", this.#voting.session)}`);
    this.show();
  }

  /** Go on when the face that is looked at was answered in another tab. */
  follow() {
    if (this.#draft.vote !== null || !this.#voting.deck.current?.vote) return;
    this.#voting.deck.toNextOpen();
    this.show();
  }

  /** Do what a key asks for; return whether it asked for anything. */
  key(event) {
    if (event.key === "Escape") return this.#escape();
    const asked = read(event, this.#voting.session);
    const isMove = ["back", "forward"].includes(asked?.command);
    if (!asked || (event.repeat && !isMove)) return asked !== null; // held down, it is one answer
    if (asked.number) this.#number(asked);
    else if (asked.answer) this.answer(asked.answer);
    else if (asked.tag) this.#tag(asked.tag);
    else return this.#command(asked.command);
    return true;
  }

  close() {
    this.stage.scene.close();
  }

  #tools() {
    const tool = (name, sign) =>
      element(
        "button.tool",
        { onclick: () => this.#command(name) },
        element("span", { "aria-hidden": "true" }, sign),
        words(name),
      );
    const signs = { back: "←", undo: "↺", scene: "▣", forward: "→" };
    return element("nav.tools", {}, ...Object.entries(signs).map(([name, sign]) => tool(name, sign)));
  }

  #command(command) {
    const acts = {
      back: () => this.#move(-1),
      forward: () => this.#move(1),
      newest: () => this.#newest(),
      undo: () => this.#undo(),
      scene: () => this.stage.toggleScene(),
    };
    acts[command]?.();
    return command in acts;
  }

  #escape() {
    this.stage.scene.close();
    this.answers.show(this.#draft);
    return true;
  }

  #number({ number, also }) {
    const answer = this.answers.primary[number - 1];
    if (!answer) return;
    if (also && !this.#voting.isReview) this.#also(answer);
    else this.answer(answer);
  }

  /** Set or clear the second expression; it goes with the answer, or corrects one that was given. */
  #also(expression) {
    const isPossible = this.#voting.session.expressions.includes(expression);
    if (!isPossible || expression === this.#draft.vote) return this.answers.show(this.#draft);
    this.#amend({ also: this.#draft.also === expression ? null : expression });
    if (this.#draft.also) say(`${words("also")} ${nameOf(expression)}`);
  }

  #tag(tag) {
    const on = !this.#draft.tags.includes(tag);
    const rest = this.#draft.tags.filter((other) => other !== tag);
    this.#amend({ tags: on ? [...rest, tag] : rest });
    say(words("tagged", { tag: nameOf(tag), on }));
  }

  #amend(change) {
    const item = this.stage.seen;
    if (!item) return;
    this.#draft = { ...this.#draft, ...change };
    if (item.vote) this.#voting.cast([{ item, answer: this.#draft }]);
    this.answers.show(this.#draft);
  }

  #askAlso() {
    if (this.answers.isAskingAlso) return this.answers.show(this.#draft);
    this.answers.askAlso(true);
    say(words("alsoNow"));
  }

  #undo() {
    const [item] = this.#voting.undo();
    if (!item) return say(words("nothingToUndo"));
    this.#voting.deck.toFace(item);
    say(item.vote ? words("voted", { answer: nameOf(item.vote) }) : words("takenBack"));
    this.show();
  }

  #move(step) {
    if (this.#voting.deck.move(step)) this.show();
  }

  #newest() {
    this.#voting.deck.toFirstOpen();
    this.show();
  }

  /** Past the last face: fetch more, else go to those passed over, else it is the end. */
  async #lookForMore() {
    this.stage.wait();
    const { deck } = this.#voting;
    const isAnswered = await this.#voting.refill().then(() => true, () => false);
    if (deck !== this.#voting.deck || !this.element.isConnected) return;
    if (!deck.current) deck.toFirstOpen();
    if (deck.current) this.show();
    else if (isAnswered) this.#atEnd();
    else setTimeout(() => this.element.isConnected && !deck.current && this.show(), RETRY_MS);
  }
}
