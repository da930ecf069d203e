import { element } from "./dom.js";

const at = (id) => document.getElementById(id);

/** Show what the model is called and says of itself. */
export function showModel({ name, classes, licence, summary }) {
  at("model").textContent = name;
  at("licence").textContent = `${classes.join(", ")} · licence: ${licence}`;
  at("summary").replaceChildren(...blocks(summary));
}

/** Return the paragraphs, headings, lists and tables of a Markdown text, as text alone. */
function blocks(markdown) {
  return markdown.split(/\n\s*\n/).filter((block) => block.trim()).map((block) => {
    const lines = block.trim().split("\n");
    const heading = /^#+\s+(.*)$/.exec(lines[0]);
    if (heading && lines.length === 1) return element("h2", {}, plain(heading[1]));
    if (lines.every((line) => /^[-*]\s|^\s{2,}/.test(line))) {
      const items = block.trim().split(/\n(?=[-*]\s)/).map((item) => element("li", {}, plain(item.replace(/^[-*]\s+/, ""))));
      return element("ul", {}, ...items);
    }
    if (lines.every((line) => line.startsWith("|"))) return table(lines);
    return element("p", {}, plain(lines.join(" ").replace(/^#+\s+/, "")));
  });
}

function table(lines) {
  const rows = lines.filter((line) => !/^[|\s:-]+$/.test(line)).map((line) =>
    element("tr", {}, ...line.replace(/^\||\|$/g, "").split("|").map((cell) => element("td", {}, plain(cell.trim())))));
  return element("div.wide", {}, element("table", {}, ...rows));
}

const plain = (text) => text.replace(/\*\*|`/g, "").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
