import { Answers } from "./answers.js";
import { element, say } from "./dom.js";
import { read } from "./keys.js";
import { Scene } from "./scene.js";
import { NO_ANSWER } from "./voting.js";
import { nameOf, words } from "./words.js";

const AHEAD = 24;
const BEHIND = 6;
const RETRY_MS = 2_000;

/** One face, large, and the answers to it. Calls `atEnd()` when there is no face left to vote on. */
export class Single {
  #voting;
  #pictures;
  #atEnd;
  #draft = NO_ANSWER;
  #seen = null;

  constructor({ voting, pictures, api, atEnd }) {
    this.#voting = voting;
    this.#pictures = pictures;
    this.#atEnd = atEnd;
    this.scene = new Scene((faceId) => api.picture(faceId, "scene"));
    this.answers = new Answers(voting.session, {
      answer: (vote) => this.answer(vote),
      tag: (tag) => this.#tag(tag),
      also: () => this.#askAlso(),
    });
    this.question = element("h1.question");
    this.face = element("button.face", { onclick: () => this.#toggleScene() });
    this.face.setAttribute("aria-label", words("face"));
    this.before = element("button.aside", { onclick: () => this.#move(-1), "aria-label": words("previousFace") });
    this.after = element("div.aside", { "aria-hidden": "true" });
    this.tools = element("nav.tools", {}, ...this.#tools());
    const stage = element("div.stage", {}, this.before, this.face, this.after, this.scene.element);
    this.element = element("section.single", {}, this.question, stage, this.answers.element, this.tools);
    const { primary, columns } = this.answers; // what they leave of a phone's height is the face's
    this.element.style.setProperty("--columns", columns);
    this.element.style.setProperty("--rows", Math.ceil(primary.length / columns));
    this.element.classList.toggle("many", primary.length > 5);
  }

  /** Show the face that is looked at; its picture may come later. */
  show() {
    const { deck, session, isReview } = this.#voting;
    const item = deck.current;
    if (!item) return this.#lookForMore();
    this.scene.close();
    this.#draft = { vote: item.vote, also: item.also, tags: item.tags };
    const expression = isReview && nameOf(item.expression);
    this.question.textContent = isReview ? words("reviewQuestion", { expression }) : words("labelQuestion");
    this.question.classList.toggle("unseen", session.round === "label");
    this.#pictures.hold(deck.around(BEHIND, AHEAD).map(({ face_id }) => face_id));
    this.#paint(item);
    this.answers.show(this.#draft);
    this.#voting.refill().catch(() => {}); // the queue says that the server is lost
  }

  /** Answer the face that is looked at and go on; a face whose picture is not there has no answer. */
  answer(vote) {
    const item = this.#voting.deck.current;
    if (!item || this.#seen !== item) return;
    if (this.answers.isAskingAlso) return this.#also(vote);
    const also = this.#draft.also === vote ? null : this.#draft.also;
    const isNew = item.vote === null;
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

  undo() {
    const [item] = this.#voting.undo();
    if (!item) return say(words("nothingToUndo"));
    this.#voting.deck.toFace(item);
    say(item.vote ? words("voted", { answer: nameOf(item.vote) }) : words("takenBack"));
    this.show();
  }

  /** Do what a key asks for; return whether it asked for anything. */
  key(event) {
    const asked = read(event, this.#voting.session);
    if (event.key === "Escape" && (this.scene.isOpen || this.answers.isAskingAlso)) {
      this.scene.close();
      this.answers.show(this.#draft);
      return true;
    }
    if (!asked) return false;
    const isMove = asked.command === "back" || asked.command === "forward";
    if (event.repeat && !isMove) return true; // a key held down is one answer
    if (asked.number) this.#number(asked);
    else if (asked.answer) this.answer(asked.answer);
    else if (asked.tag) this.#tag(asked.tag);
    else return this.#command(asked.command);
    return true;
  }

  close() {
    this.scene.close();
  }

  #tools() {
    const tool = (name, sign, act) =>
      element("button.tool", { onclick: act }, element("span", { "aria-hidden": "true" }, sign), words(name));
    return [
      tool("back", "←", () => this.#move(-1)),
      tool("undo", "↺", () => this.undo()),
      tool("scene", "▣", () => this.#toggleScene()),
      tool("forward", "→", () => this.#move(1)),
    ];
  }

  #command(command) {
    const acts = {
      back: () => this.#move(-1),
      forward: () => this.#move(1),
      newest: () => this.#newest(),
      undo: () => this.undo(),
      scene: () => this.#toggleScene(),
    };
    acts[command]?.();
    return command in acts;
  }

  #number({ number, also }) {
    const answer = this.answers.primary[number - 1];
    if (!answer) return;
    if (also && !this.#voting.isReview) this.#also(answer);
    else this.answer(answer);
  }

  /** Set or clear the second expression; it goes with the answer, or corrects one that was given. */
  #also(expression) {
    const { expressions } = this.#voting.session;
    if (!expressions.includes(expression) || expression === this.#draft.vote) {
      return this.answers.show(this.#draft);
    }
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
    const item = this.#voting.deck.current;
    if (!item || this.#seen !== item) return;
    this.#draft = { ...this.#draft, ...change };
    if (item.vote) this.#voting.cast([{ item, answer: this.#draft }]);
    this.answers.show(this.#draft);
  }

  #askAlso() {
    if (this.answers.isAskingAlso) return this.answers.show(this.#draft);
    this.answers.askAlso(true);
    say(words("alsoNow"));
  }

  #move(step) {
    if (this.#voting.deck.move(step)) this.show();
  }

  #newest() {
    this.#voting.deck.toFirstOpen();
    this.show();
  }

  #toggleScene() {
    if (this.scene.isOpen) this.scene.close();
    else if (this.#voting.deck.current) this.scene.open(this.#voting.deck.current);
  }

  #paint(item) {
    const { items, at } = this.#voting.deck;
    const image = this.#pictures.now(item.face_id);
    this.#seen = image ? item : null;
    this.face.replaceChildren(image ?? this.#absent(item));
    this.#thumb(this.before, items[at - 1]);
    this.#thumb(this.after, items[at + 1]);
  }

  #thumb(place, item) {
    const image = item && this.#pictures.now(item.face_id);
    const said = item?.vote ? nameOf(item.vote) : "";
    place.classList.toggle("empty", !item);
    place.disabled = !item;
    place.replaceChildren(image || element("span.blank"), element("span.said", {}, said));
  }

  #absent(item) {
    if (this.#pictures.isGone(item.face_id)) return element("p.quiet", {}, words("noPicture"));
    this.#pictures.settled(item.face_id).then(() => {
      if (this.#voting.deck.current === item && this.#seen !== item) this.#paint(item);
    });
    return element("p.quiet", {}, words("loading"));
  }

  /** Past the last face: fetch more, else go to those passed over, else it is the end. */
  async #lookForMore() {
    this.#seen = null;
    this.face.replaceChildren(element("p.quiet", {}, words("loading")));
    const { deck } = this.#voting;
    const isAnswered = await this.#voting.refill().then(() => true, () => false);
    if (deck !== this.#voting.deck || !this.element.isConnected) return;
    if (!deck.current) deck.toFirstOpen();
    if (deck.current) this.show();
    else if (isAnswered) this.#atEnd();
    else setTimeout(() => this.element.isConnected && !deck.current && this.show(), RETRY_MS);
  }
}
