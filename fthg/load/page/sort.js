// Tables that a click on a head sorts; each cell has its value in data-sort.
const LISTED = 20; // rows before "show all", as in the templates
for (const table of document.querySelectorAll(".sortable table")) {
  const [first, rest] = table.tBodies;
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, column) => {
    const text = row.cells[column].dataset.sort ?? row.cells[column].textContent;
    return text === "" || isNaN(text) ? text : Number(text);
  };
  // What has no value comes last, whatever the direction.
  const compare = (column, sign) => (a, b) => {
    const [one, other] = [value(a, column), value(b, column)];
    if (one === "" || other === "") return (one === "") - (other === "");
    if (typeof one === "number" && typeof other === "number") return sign * (one - other);
    return sign * String(one).localeCompare(String(other), "en", { numeric: true });
  };
  const sort = (head, column) => {
    const before = head.getAttribute("aria-sort");
    // The first click shows names from A on, and the largest numbers first.
    const down = head.classList.contains("num") ? before !== "descending" : before === "ascending";
    const sign = down ? -1 : 1;
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    rows.sort(compare(column, sign));
    first.append(...rows.slice(0, LISTED));
    if (rest) rest.append(...rows.slice(LISTED));
  };
  heads.forEach((head, column) => {
    if (head.tagName !== "TH") return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head, column));
    head.append(button);
  });
}
document.documentElement.classList.add("ready");
