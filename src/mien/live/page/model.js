import { element } from "./dom.js";

const at = (id) => document.getElementById(id);

/** Show what the model is called and says of itself. */
export function showModel({ name, classes, sureness, threshold, licence, summary }) {
  at("model").textContent = name;
  at("sureness").textContent = `This model is ${sureness}.`;
  at("sureness").classList.toggle("warning", threshold === null);
  at("licence").textContent = `${classes.join(", ")} · licence: ${licence}`;
  at("summary").replaceChildren(...blocks(summary));
}

/** Return the paragraphs, headings, lists and tables of a Markdown text, as text alone. */
function blocks(markdown) {
  const apart = markdown.replace(/^(#.*)$/gm, "\n$1\n").split(/\n\s*\n/);
  return apart.map((block) => block.replace(/^\n+|\s+$/g, "")).filter(Boolean).map(blockOf);
}

function blockOf(block) {
  const lines = block.split("\n");
  if (block.startsWith("#")) return element("h2", {}, plain(block.replace(/^#+\s*/, "")));
  if (lines.every((line) => line.startsWith("|"))) return table(lines);
  if (!/^[-*]\s/.test(block)) return element("p", {}, plain(lines.join(" ")));
  const items = block.split(/\n(?=[-*]\s)/);
  return element("ul", {}, ...items.map((item) => element("li", {}, plain(item.replace(/^[-*]\s+/, "")))));
}

function table(lines) {
  const rows = lines.filter((line) => !/^[|\s:-]+$/.test(line)).map((line) =>
    element("tr", {}, ...line.replace(/^\||\|$/g, "").split("|").map((cell) => element("td", {}, plain(cell.trim())))));
  return element("div.wide", {}, element("table", {}, ...rows));
}

const plain = (text) => text.replace(/\*\*|`/g, "").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
