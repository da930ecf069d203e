import { element, say } from "./dom.js";
import { shown } from "./language.js";
import { asCode, outcomeOf } from "./outcome.js";
import { copy, linkOf, percent, VoterLine } from "./voter.js";
import { words } from "./words.js";

const EVERY_MS = 4_000;
const TENTATIVE = 2 / 3; // under it alpha allows no conclusion
const MOST = 2 / 3; // of the faces: so many are unanimous that alpha alone would mislead
const BY_CHANCE = 0.6; // two expressions named equally often agree on half of the faces by chance
const ROUNDS = { label: "roundLabel", review: "roundReview", second_look: "roundSecondLook" };

/** How far the voting has come, who votes, how far they agree; to invite voters and close rounds. */
export class Organiser {
  #api;
  #barred;
  #timer = null;
  #progress = null;
  #lines = new Map();

  constructor({ api, barred }) {
    this.#api = api;
    this.#barred = barred;
    this.title = element("h1");
    this.stale = element("p.warning", { hidden: true }, words("stale"));
    this.few = element("p.warning", { hidden: true });
    this.numbers = element("dl.numbers");
    this.skewed = element("p.quiet", { hidden: true }, words("alphaSkewed"));
    this.finished = element("div.finished", { hidden: true });
    this.copyAll = element("button.plain", { onclick: () => this.#copyAll() }, words("copyAll"));
    this.nobody = element("p.quiet", {}, words("noVoters"));
    this.voters = element("ul.voters");
    this.name = element("input", { id: "name", required: true, maxLength: 40, autocomplete: "off" });
    this.result = element("p.quiet", { role: "status" });
    this.closing = element("button.outlined", { onclick: () => this.#ask() }, words("closeRound"));
    this.dialog = element("dialog");
    const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
    this.open = element(
      "div.open",
      {},
      this.few,
      this.numbers,
      this.skewed,
      element("div.head", {}, element("h2", {}, words("voters")), this.copyAll),
      this.nobody,
      this.voters,
      this.#form(),
      this.result,
      element("p.quiet", { hidden: !isLocal }, words("localOnly")),
      this.closing,
    );
    this.element = element("section.organiser", {}, this.title, this.stale, this.finished, this.open, this.dialog);
  }

  async show() {
    clearTimeout(this.#timer);
    try {
      this.#progress = await this.#api.progress();
      if (this.#progress.round === null) await this.#finish();
      this.stale.hidden = true;
      this.#paint();
    } catch (refusal) {
      if (refusal.status === 401) return this.#barred();
      this.stale.hidden = false;
    }
    if (this.element.isConnected) this.#timer = setTimeout(() => this.show(), EVERY_MS);
  }

  key() {
    return false;
  }

  close() {
    clearTimeout(this.#timer);
  }

  #form() {
    const label = element("label", { htmlFor: "name" }, words("inviteName"));
    const send = element("button.strong", { type: "submit" }, words("invite"));
    const field = element("div.field", {}, label, this.name);
    return element("form", { onsubmit: (event) => this.#invite(event) }, field, send);
  }

  #paint() {
    const { round, voters, needed, needed_is_set, alpha, unanimous } = this.#progress;
    this.title.textContent = words(ROUNDS[round] ?? "roundNone");
    this.open.hidden = round === null;
    this.finished.hidden = round !== null;
    if (round !== null) this.finished.replaceChildren(); // what it said may be of an earlier end
    this.numbers.replaceChildren(...this.#numbers());
    const invited = voters.length;
    this.few.hidden = !needed_is_set || !invited || invited >= needed;
    this.few.textContent = words("fewVoters", { needed, invited });
    this.skewed.hidden = !isSkewed(alpha, unanimous);
    this.copyAll.hidden = !voters.length;
    this.nobody.hidden = voters.length > 0;
    for (const voter of voters) this.#line(voter).show(voter);
    const names = new Set(voters.map(({ name }) => name));
    for (const [name, line] of this.#lines) {
      if (names.has(name)) continue;
      line.element.remove();
      this.#lines.delete(name);
    }
  }

  #numbers() {
    const { faces, complete, needed, ties, ties_complete, alpha, unanimous } = this.#progress;
    const twoDigits = { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "negative" }; // no -0.00
    const isKnown = alpha !== null;
    const alphaHint = isKnown ? words("alphaHint", { alpha }) : words("alphaUnknown");
    const unanimously = unanimous === null ? "–" : percent(unanimous);
    return [
      number(words("complete"), `${shown(complete)} / ${shown(faces)}`, words("completeHint", { needed })),
      number(words("ties"), shown(ties), words("tiesHint", { ties, full: ties_complete })),
      number(words("agreement"), isKnown ? shown(alpha, twoDigits) : "–", alphaHint),
      number(words("unanimous"), unanimously, words("unanimousHint")),
    ];
  }

  #line(voter) {
    if (!this.#lines.has(voter.name)) {
      const line = new VoterLine(voter, (name) => this.#takeBack(name));
      this.#lines.set(voter.name, line);
      this.voters.append(line.element);
    }
    return this.#lines.get(voter.name);
  }

  #copyAll() {
    const lines = this.#progress.voters.map((voter) => `${voter.name}: ${linkOf(voter)}`);
    return copy(this.copyAll, lines.join("\n"));
  }

  async #invite(event) {
    event.preventDefault();
    try {
      const voter = await this.#api.invite(this.name.value.trim());
      this.name.value = "";
      const link = element("input.link", { value: linkOf(voter), readOnly: true });
      link.setAttribute("aria-label", voter.name);
      link.onfocus = () => link.select();
      const button = element("button.strong", { onclick: () => copy(button, link.value) }, words("copyLink"));
      this.result.replaceChildren(words("invited", voter), element("span.row", {}, link, button));
      await this.show();
    } catch (refusal) {
      this.#say(refusal);
    }
  }

  async #takeBack(name) {
    if (!confirm(words("takeBackAsk", { name }))) return;
    try {
      await this.#api.takeBack(name);
      this.result.textContent = words("uninvited", { name });
    } catch (refusal) {
      this.#say(refusal);
    }
    await this.show();
    this.name.focus(); // the button is gone
  }

  /** Say why something was not done. */
  #say({ status, message }) {
    this.result.textContent = status === 507 ? words("notSaved") : status ? message : words("stale");
  }

  /** Say what became of the faces, and what to type next. */
  async #finish() {
    if (this.finished.childElementCount) return;
    const told = await this.#api.outcome();
    const next = element("p.next", {}, ...words("nextStep").map(asCode));
    const keep = element("p.quiet", {}, ...words("keepFiles").map(asCode));
    this.finished.replaceChildren(next, outcomeOf(told), keep);
  }

  async #ask() {
    const { round, faces, complete } = this.#progress;
    const name = this.title.textContent.toLowerCase();
    this.closing.disabled = true;
    this.closing.textContent = words("counting");
    const told = await this.#api.outcome().catch((refusal) => refusal);
    this.closing.textContent = words("closeRound");
    this.closing.disabled = false;
    if (document.activeElement === document.body) this.closing.focus(); // where the dialog returns to
    if (told.status !== undefined) return this.#say(told);
    this.result.replaceChildren(); // what went wrong before
    const cancel = element("button.plain", { onclick: () => this.dialog.close() }, words("cancel"));
    const close = element("button.strong", { onclick: () => this.#close(round) }, words("closeConfirm"));
    this.dialog.replaceChildren(
      element("h2", {}, words("closeTitle", { round: name })),
      outcomeOf(told, faces - complete),
      element("p", {}, ...words("closeHint").map(asCode)),
      element("div.row", {}, cancel, close),
    );
    this.dialog.showModal();
  }

  async #close(round) {
    this.dialog.close();
    try {
      await this.#api.close(round);
      say(words("roundClosed"));
    } catch (refusal) {
      this.#say(refusal);
    }
    await this.show();
  }
}

/** Return whether alpha is low although most faces are unanimous, since chance alone unites most. */
function isSkewed(alpha, unanimous) {
  if (alpha === null || alpha >= TENTATIVE || unanimous < MOST) return false;
  return 1 - (1 - unanimous) / (1 - alpha) >= BY_CHANCE;
}

function number(name, value, hint) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value), element("dd.hint", {}, hint));
}
