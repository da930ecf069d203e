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

/** Let screen readers say it; the same words twice are said twice. */
export function say(words) {
  const spoken = document.getElementById("spoken");
  spoken.textContent = spoken.textContent === words ? `${words}\u00a0` : words;
}
