import { element, keyList, showDialog } from "./dom.js";
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
  const keys = keyList(rows.filter(([[key]]) => key !== null));
  const keyed = element("div.keyed", {}, element("h2", {}, words("keysTitle")), keys);
  const repeats = element("p", {}, words("repeats"));
  const [title, close] = [words("meaningsTitle"), words("close")];
  showDialog(words("help"), title, close, meanings(session, isReview), repeats, keyed);
}

function meanings({ answers, tags }, isReview) {
  const told = words("meanings");
  const rows = answers.filter((name) => told[name]).map((name) => [nameOf(name), told[name]]);
  if (!isReview) rows.push([words("also"), told.also]);
  if (tags.length) rows.push([tags.map(nameOf).join(", "), told.tags]);
  const parts = rows.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]);
  return element("dl.meanings", {}, ...parts);
}
