const ANSWER_KEYS = { unsure: "u", not_a_face: "x", artificial: "a" };
const COMMANDS = { s: "scene", " ": "scene", z: "undo", g: "grid", "?": "help" };
const MOVES = { ArrowLeft: "back", Backspace: "back", ArrowRight: "forward", End: "newest" };
const REVIEW = { y: "yes", o: "yes", n: "no" };
const TAKEN = new Set([...Object.values(ANSWER_KEYS), "s", "z", "g", "y", "o", "n"]);

/** Return the key of every answer that is no expression; an unknown one has a button only. */
export const answerKey = (answer) => ANSWER_KEYS[answer] ?? null;

/** Return a letter for each tag: the first of its own that is free, else any; null when none is. */
export function tagKeys(tags) {
  const taken = new Set(TAKEN);
  const keys = {};
  for (const tag of tags) {
    const letters = [...tag.toLowerCase(), ..."bcdefhijklmpqrtvw"];
    keys[tag] = letters.find((letter) => /^[a-z]$/.test(letter) && !taken.has(letter)) ?? null;
    if (keys[tag]) taken.add(keys[tag]);
  }
  return keys;
}

/**
 * Return what a key asks for: `{command}`, `{answer}`, `{tag}`, or `{number, also}`; or null.
 *
 * Digits go by their place on the keyboard, since French keyboards need Shift for them; letters
 * by what is printed on them, or by their place where the keyboard has no Latin letters.
 */
export function read(event, session) {
  const { code, key } = event;
  const letter = /^[a-z]$/i.test(key) ? key.toLowerCase() : /^Key([A-Z])$/.exec(code)?.[1].toLowerCase();
  if (event.ctrlKey || event.metaKey || event.altKey) {
    const isUndo = letter === "z" && !event.altKey && !event.shiftKey;
    return isUndo ? { command: "undo" } : null;
  }
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code);
  if (digit) return { number: Number(digit[1]), also: event.shiftKey };
  if (MOVES[key]) return { command: MOVES[key] };
  if (COMMANDS[letter ?? key]) return { command: COMMANDS[letter ?? key] };
  if (session.round === "review" && REVIEW[letter]) return { answer: REVIEW[letter] };
  const answer = session.answers.find((one) => letter && answerKey(one) === letter);
  if (answer) return { answer };
  const tags = tagKeys(session.tags);
  const tag = session.tags.find((one) => letter && tags[one] === letter);
  return tag ? { tag } : null;
}
