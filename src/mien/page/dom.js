/**
 * Return an element: `element("button.big", {onclick}, "words", child)`.
 * Names with a dash and `role` are attributes, all others are properties.
 */
export function element(what, settings = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  if (tag === "button") made.type = "button";
  for (const [name, value] of Object.entries(settings)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Show a dialog with a title, until it is closed by its button, by Escape, or by a click beside it. */
export function showDialog(label, title, close, ...parts) {
  const dialog = element("dialog.help", { "aria-label": label });
  const button = element("button.plain", { onclick: () => dialog.close() }, close);
  dialog.append(element("div.head", {}, element("h2", {}, title), button), ...parts);
  dialog.onclose = () => dialog.remove();
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  document.body.append(dialog);
  dialog.showModal();
}

/** Return a list of keys and what they do, of `[keys, meaning]`; a … between keys is none. */
export function keyList(rows) {
  const caps = (keys) => keys.map((key) => (key === "…" ? key : element("kbd", {}, key)));
  const lines = rows.map(([keys, meaning]) => [element("dt", {}, ...caps(keys)), element("dd", {}, meaning)]);
  return element("dl.keys", {}, ...lines.map((parts) => element("div", {}, ...parts)));
}

/** Let screen readers say it; the same words twice are said twice. */
export function say(words) {
  const spoken = document.getElementById("spoken");
  spoken.textContent = spoken.textContent === words ? `${words}\u00a0` : words;
}
