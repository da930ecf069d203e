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

// What is folded up is printed too.
const folded = () => document.querySelectorAll("details:not([open])");
addEventListener("beforeprint", () => {
  for (const one of folded()) Object.assign(one, { open: true }).dataset.folded = "";
});
addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("[data-folded]")) {
    one.open = false;
    delete one.dataset.folded;
  }
});
