import { element, say } from "./dom.js";
import { ago, shown } from "./language.js";
import { words } from "./words.js";

const EVERY_MS = 4_000;
const percent = (share) => shown(share, { style: "percent" });

/** How far the voting has come, who votes, how far they agree; to invite voters and close rounds. */
export class Organiser {
  #api;
  #barred;
  #timer = null;
  #progress = null;
  #fresh = null;

  constructor({ api, barred }) {
    this.#api = api;
    this.#barred = barred;
    this.title = element("h1");
    this.numbers = element("dl.numbers");
    this.stale = element("p.warning", { hidden: true }, words("stale"));
    this.voters = element("ul.voters");
    this.result = element("p.quiet", { role: "status" });
    this.name = element("input", { id: "name", name: "name", required: true, maxLength: 64, autocomplete: "off" });
    const label = element("label", { htmlFor: "name" }, words("inviteName"));
    const field = element("div.field", {}, label, this.name);
    const send = element("button.strong", { type: "submit" }, words("invite"));
    this.form = element("form", { onsubmit: (event) => this.#invite(event) }, field, send);
    this.copyAll = element("button.plain", {}, words("copyAll"));
    this.copyAll.onclick = () => copy(this.copyAll, this.#progress.voters.map((one) => `${one.name}: ${linkOf(one)}`).join("\n"));
    this.closing = element("button.outlined", { onclick: () => this.#ask() }, words("closeRound"));
    this.dialog = element("dialog");
    const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
    const local = element("p.quiet", { hidden: !isLocal }, words("localOnly"));
    const head = element("div.head", {}, element("h2", {}, words("voters")), this.copyAll);
    this.element = element(
      "section.organiser", {}, this.title, this.stale, this.numbers, head, this.voters,
      this.form, this.result, local, this.closing, this.dialog,
    );
  }

  async show() {
    clearTimeout(this.#timer);
    try {
      this.#progress = await this.#api.progress();
      this.stale.hidden = true;
      this.#paint();
    } catch (refusal) {
      if (refusal.status === 401) return this.#barred();
      this.stale.hidden = false;
    }
    this.#timer = setTimeout(() => this.show(), EVERY_MS);
  }

  key() {
    return false;
  }

  close() {
    clearTimeout(this.#timer);
  }

  #paint() {
    const { round, voters } = this.#progress;
    this.title.textContent = words({ label: "roundLabel", review: "roundReview" }[round] ?? "roundNone");
    this.numbers.replaceChildren(...this.#numbers());
    this.closing.hidden = round === null;
    this.copyAll.hidden = !voters.length;
    const rows = voters.map((voter) => this.#row(voter));
    if (!rows.length) rows.push(element("li.quiet", {}, words("noVoters")));
    const focused = document.activeElement?.dataset.voter; // the rows are made anew
    this.voters.replaceChildren(...rows);
    if (focused) this.voters.querySelector(`[data-voter="${CSS.escape(focused)}"]`)?.focus();
  }

  #numbers() {
    const { faces, complete, needed, ties, alpha, unanimous } = this.#progress;
    const known = alpha !== null;
    return [
      number(words("complete"), `${shown(complete)} / ${shown(faces)}`, words("completeHint", { needed })),
      number(words("ties"), shown(ties), words("tiesHint", { number: ties })),
      number(
        words("agreement"),
        known ? shown(alpha, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) : "–",
        known ? words("alphaHint", { alpha }) : words("alphaUnknown"),
      ),
      number(words("unanimous"), unanimous === null ? "–" : percent(unanimous), words("unanimousHint")),
    ];
  }

  #row(voter) {
    const { name, done, faces, last } = voter;
    const share = faces ? Math.min(done / faces, 1) : 0;
    const fill = element("span.fill");
    fill.style.width = `${100 * share}%`;
    const bar = element("span.bar", { role: "img", "aria-label": percent(share) }, fill);
    const link = element("button.plain", { onclick: () => copy(link, linkOf(voter)) }, words("copyLink"));
    link.dataset.voter = name;
    link.setAttribute("aria-label", `${words("copyLink")}: ${name}`);
    const when = last ? words("lastVote", { when: ago(last) }) : words("notYet");
    const row = element(
      "li", {}, element("span.name", {}, name), bar,
      element("span.done", {}, words("voterDone", { done, faces })), element("span.when", {}, when), link,
    );
    row.classList.toggle("fresh", name === this.#fresh);
    return row;
  }

  async #invite(event) {
    event.preventDefault();
    const name = this.name.value.trim();
    if (!name) return;
    try {
      const voter = await this.#api.invite(name);
      this.#fresh = voter.name;
      this.name.value = "";
      const link = element("input.link", { value: linkOf(voter), readOnly: true, "aria-label": words("copyLink") });
      link.onfocus = () => link.select();
      const button = element("button.strong", { onclick: () => copy(button, linkOf(voter)) }, words("copyLink"));
      this.result.replaceChildren(words("invited", { name: voter.name }), element("span.row", {}, link, button));
      await this.show();
    } catch (refusal) {
      this.result.textContent = refusal.status ? refusal.message : words("stale");
    }
  }

  #ask() {
    const { round } = this.#progress;
    const name = this.title.textContent.toLowerCase();
    const cancel = element("button.plain", { onclick: () => this.dialog.close(), autofocus: true }, words("cancel"));
    const close = element("button.strong", { onclick: () => this.#close(round) }, words("closeConfirm"));
    this.dialog.replaceChildren(
      element("h2", {}, words("closeTitle", { round: name })), element("p", {}, words("closeHint")),
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
      this.result.textContent = refusal.message;
    }
    await this.show();
  }
}

const linkOf = ({ token }) => `${location.origin}/#${token}`;

function number(name, value, hint) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value), element("dd.hint", {}, hint));
}

/** Copy a text; the clipboard proper does not exist on a page that came over plain http. */
async function copy(button, text) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea.unseen", { value: text, readOnly: true });
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.textContent = words("copied");
  say(words("copied"));
  setTimeout(() => (button.textContent = before), 1_500);
}
