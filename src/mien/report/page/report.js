// Tables whose heads are buttons are sorted by them: numbers as numbers, what is missing last.
const valueOf = (row, column) => {
  const cell = row.cells[column];
  const text = cell.dataset.value ?? cell.textContent.trim();
  return text === "" || text === "nan" || text === "None" ? null : text;
};

const compare = (a, b) => {
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, "en", { numeric: true }) : x - y;
};

const sortBy = (head) => {
  const body = head.closest("table").tBodies[0];
  const order = head.ariaSort === "ascending" ? "descending" : "ascending";
  for (const other of head.parentElement.cells) if (other.ariaSort) other.ariaSort = "none";
  head.ariaSort = order;
  const rows = [...body.rows].map((row) => [valueOf(row, head.cellIndex), row]);
  rows.sort(([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return order === "ascending" ? compare(a, b) : compare(b, a);
  });
  body.append(...rows.map(([, row]) => row));
};

for (const button of document.querySelectorAll("th[aria-sort] > button")) {
  button.addEventListener("click", () => sortBy(button.parentElement));
}

// The cell of a confusion matrix whose faces are shown is marked.
const markCell = () => {
  for (const link of document.querySelectorAll(".confusion a")) {
    if (link.hash === location.hash) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
};
addEventListener("hashchange", markCell);
markCell();

// Whose picture a face is stands below the face, in room of its own, so that it covers no other
// face; Escape and a click elsewhere close it.
const opened = () => document.querySelectorAll("details.face[open]");
for (const face of document.querySelectorAll("details.face")) {
  face.addEventListener("toggle", () => {
    const told = face.querySelector(".origin");
    const room = told.offsetParent;
    face.parentElement.style.marginBottom = "";
    if (!face.open || getComputedStyle(told).position !== "absolute") return;
    face.parentElement.style.marginBottom = `${told.offsetHeight + 8}px`;
    const from = face.getBoundingClientRect().left - room.getBoundingClientRect().left;
    told.style.left = `${Math.max(0, Math.min(from, room.clientWidth - told.offsetWidth))}px`;
  });
}
addEventListener("click", (event) => {
  for (const face of opened()) if (!face.contains(event.target)) face.open = false;
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const face of opened()) {
    const wasInside = face.contains(document.activeElement);
    face.open = false;
    if (wasInside) face.querySelector("summary").focus();
  }
});

// What is folded up is printed too.
const folded = () => document.querySelectorAll("details:not([open])");
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details.face")) one.removeAttribute("name");
  for (const one of folded()) Object.assign(one, { open: true }).dataset.folded = "";
});
addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("[data-folded]")) {
    one.open = false;
    delete one.dataset.folded;
  }
  for (const one of document.querySelectorAll("details.face")) one.name = "face"; // one at a time
});
