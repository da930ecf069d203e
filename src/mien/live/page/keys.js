import { keyList, showDialog } from "./dom.js";

const MEANINGS = {
  pause: [["␣"], "pause, and go on"],
  snapshot: [["s"], "save the picture with its boxes"],
  mirror: [["m"], "mirror the picture"],
  times: [["t"], "show what takes how long"],
  next: [["→"], "choose the next face"],
  previous: [["←"], "choose the one before"],
  help: [["?"], "these keys"],
};
const COMMANDS = { " ": "pause", s: "snapshot", m: "mirror", t: "times", "?": "help", ArrowRight: "next", ArrowLeft: "previous" };

/** Call the acts by the keys; those that a button, a list or a dialog needs are left to it. */
export function listen(acts) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const command = COMMANDS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const isOnControl = event.target.closest?.("select, input, summary, button");
    if (!command || (isOnControl && (event.key === " " || event.target.closest("select, input")))) return;
    event.preventDefault();
    if (!event.repeat) acts[command]();
  });
}

/** Show the keys, until the dialog is closed. */
export function showKeys() {
  showDialog("Keys", "Keys", "close", keyList(Object.values(MEANINGS)));
}
