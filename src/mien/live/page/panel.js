import { colourOf } from "./colours.js";
import { element } from "./dom.js";
import { GONE_MS, STEADY_MS, isSure, nameOf, percent, placeOf } from "./faces.js";

/** The faces beside the picture: a card with the bars of all classes for each. */
export class Panel {
  #cards = new Map();

  constructor(root, pick) {
    this.root = root;
    this.pick = pick;
  }

  /** Show the faces seen now; a picture that stands still has a card for each at once. */
  show(now, faces, chosen, classes, isStill = false) {
    for (const face of faces) {
      if (!this.#cards.has(face.track)) this.#cards.set(face.track, this.#card(now, face.track, classes));
      const card = this.#cards.get(face.track);
      card.seenAt = now;
      fill(card, face, classes);
      if (!card.root.isConnected && (isStill || now - card.since >= STEADY_MS)) this.root.append(card.root);
    }
    for (const [track, card] of this.#cards) {
      if (now - card.seenAt > GONE_MS) {
        card.root.remove();
        this.#cards.delete(track);
      }
      card.root.classList.toggle("large", track === chosen);
      card.name.setAttribute("aria-pressed", track === chosen);
    }
    document.getElementById("nobody").hidden = this.root.querySelector(".card") !== null;
  }

  clear() {
    for (const card of this.#cards.values()) card.root.remove();
    this.#cards.clear();
  }

  #card(now, track, classes) {
    const name = element("button.number", { onclick: () => this.pick(track) }, `Face ${track}`);
    const shown = element("p.shown");
    const bars = classes.map((expression, n) => {
      const fill = element("span.fill");
      fill.style.background = colourOf(n);
      const share = element("span.share");
      const row = element("div.bar", {}, element("dt", {}, expression), element("dd", {}, element("span.rail", {}, fill), share));
      return { row, fill, share };
    });
    const list = element("dl.bars", {}, ...bars.map(({ row }) => row));
    const unsure = element("p.guess", {}, "unsure: a guess");
    const root = element("article.card", {}, element("div.title", {}, name, shown), unsure, list);
    return { root, name, shown, bars, since: now, seenAt: now };
  }
}

function fill(card, face, classes) {
  const place = placeOf(face, classes);
  write(card.shown, nameOf(face));
  card.root.classList.toggle("unsure", !isSure(face));
  card.root.style.setProperty("--shown", colourOf(place));
  card.bars.forEach(({ row, fill, share }, n) => {
    fill.style.transform = `scaleX(${face.probabilities[n]})`;
    write(share, percent(face.probabilities[n]));
    row.classList.toggle("top", n === place);
  });
}

function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
