import { element } from "./dom.js";
import { words } from "./words.js";

/** The line at the top: who votes, how far they are, and the few things that always work. */
export class Bar {
  constructor(top, { toggleGrid, showHelp, changeLanguage }) {
    this.top = top;
    this.acts = { toggleGrid, showHelp, changeLanguage };
    this.done = element("span.count");
    this.fill = element("span.fill");
  }

  /** Show the buttons that fit the view: `mode` is single, grid, or null for all other views. */
  show(session, mode) {
    const button = (label, key, onclick) =>
      element("button.plain", { onclick }, label, element("kbd", { "aria-hidden": "true" }, key));
    const { toggleGrid, showHelp, changeLanguage } = this.acts;
    const help = button(element("span", {}, words("help")), "?", showHelp);
    help.classList.add("help");
    help.setAttribute("aria-label", words("help"));
    const language = element("button.plain.language", { onclick: changeLanguage }, words("language"));
    language.lang = document.documentElement.lang === "en" ? "fr" : "en";
    const isVoter = session && !session.organiser;
    const label = words("progressLabel");
    this.meter = element("div.meter", { role: "progressbar", "aria-label": label }, this.fill);
    this.meter.hidden = this.done.hidden = !isVoter || !session.round;
    const name = session?.organiser ? words("organiser") : (session?.name ?? "");
    this.top.replaceChildren(
      this.meter,
      element("p.who", {}, element("span.brand", {}, "mien"), element("span.name", {}, name)),
      this.done,
      ...(mode ? [button(words(mode === "grid" ? "single" : "grid"), "g", toggleGrid)] : []),
      ...(mode ? [help] : []),
      language,
    );
    if (isVoter) this.progress(session);
  }

  /** Show how far the voter is; `again` faces are left that they see once more. */
  progress({ done, faces }, again = 0) {
    this.done.textContent = words(again ? "progressAgain" : "progress", { done, faces, again });
    this.done.title = again ? words("repeats") : "";
    this.fill.style.width = `${faces ? (100 * done) / faces : 0}%`;
    this.meter.setAttribute("aria-valuemax", faces);
    this.meter.setAttribute("aria-valuenow", done);
  }
}
