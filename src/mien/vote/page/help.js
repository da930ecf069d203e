import { element } from "./dom.js";
import { answerKey, tagKeys } from "./keys.js";
import { nameOf, words } from "./words.js";

/** Show what the answers of this round mean, and its keys, until the dialog is closed. */
export function showHelp(session) {
  const isReview = session.round === "review";
  const tags = tagKeys(session.tags);
  const count = Math.min(session.expressions.length, 9);
  const rows = [
    ...(isReview
      ? [[["1", "y", "o"], nameOf("yes")], [["2", "n"], nameOf("no")]]
      : [[["1", "…", `${count}`], words("keyNumbers")], [["Shift", "1", "…"], words("keyShift")]]),
    ...session.answers.map((answer) => [[answerKey(answer)], nameOf(answer)]),
    ...session.tags.map((tag) => [[tags[tag]], words("keyTag", { tag: nameOf(tag) })]),
    [["z"], words("keyUndo")],
    [["←", "⌫"], words("back")],
    [["→"], words("forward")],
    [["End"], words("keyNewest")],
    [["s"], words("keyScene")],
    [["g"], words("keyGrid")],
    [["←", "↑", "→", "↓"], words("keyGridMove")],
    [["␣"], words("keyGridMark")],
    [["Enter"], words("keyGridConfirm")],
    [["?"], words("keyHelp")],
  ];
  const list = element("dl.keys", {}, ...rows.filter(([[key]]) => key !== null).map(row));
  const dialog = element("dialog.help", { "aria-label": words("help") });
  const close = element("button.plain", { onclick: () => dialog.close() }, words("close"));
  dialog.append(
    element("div.head", {}, element("h2", {}, words("meaningsTitle")), close),
    meanings(session, isReview),
    element("p", {}, words("repeats")),
    element("div.keyed", {}, element("h2", {}, words("keysTitle")), list),
  );
  dialog.onclose = () => dialog.remove();
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  document.body.append(dialog);
  dialog.showModal();
}

function meanings({ answers, tags }, isReview) {
  const told = words("meanings");
  const rows = answers.filter((name) => told[name]).map((name) => [nameOf(name), told[name]]);
  if (!isReview) rows.push([words("also"), told.also]);
  if (tags.length) rows.push([tags.map(nameOf).join(", "), told.tags]);
  const parts = rows.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]);
  return element("dl.meanings", {}, ...parts);
}

function row([keys, meaning]) {
  const caps = keys.map((key) => (key === "…" ? "…" : element("kbd", {}, key)));
  return element("div", {}, element("dt", {}, ...caps), element("dd", {}, meaning));
}
