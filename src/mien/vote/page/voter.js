import { element, say } from "./dom.js";
import { ago, shown } from "./language.js";
import { words } from "./words.js";

export const percent = (share) => shown(share, { style: "percent" });

/** Return a voter's personal link. */
export const linkOf = ({ token }) => `${location.origin}/#${token}`;

/** One voter's line: how far they are, when they last voted, their link to copy or to take back. */
export class VoterLine {
  #voter;

  constructor(voter, takeBack) {
    const { name } = voter;
    this.#voter = voter;
    this.fill = element("span.fill");
    this.bar = element("span.bar", { role: "img" }, this.fill);
    this.done = element("span.done");
    this.when = element("span.when");
    const link = element("button.plain", { "aria-label": `${words("copyLink")}: ${name}` }, words("copyLink"));
    link.onclick = () => copy(link, linkOf(this.#voter));
    this.back = element("button.plain", { "aria-label": words("takeBackOf", { name }) }, words("takeBack"));
    this.back.onclick = () => takeBack(name);
    const buttons = element("span.buttons", {}, this.back, link);
    this.element = element("li", {}, element("span.name", {}, name), this.bar, this.done, this.when, buttons);
  }

  show(voter) {
    this.#voter = voter;
    const { done, faces, last, voted } = voter;
    const share = faces ? Math.min(done / faces, 1) : 0;
    this.fill.style.width = `${100 * share}%`;
    this.bar.setAttribute("aria-label", percent(share));
    this.done.textContent = words("progress", { done, faces });
    this.back.hidden = voted; // their votes count
    this.when.textContent = last ? words("lastVote", { when: ago(last) }) : words("notYet");
  }
}

/** Copy a text; the clipboard proper does not exist on a page that came over plain http. */
export async function copy(button, text) {
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
