// The table of all transfers: sorted, filtered, in pages, and the links that lead to it.
// A part of the page's one function.
const body = table.tBodies[0];
const heads = [...table.tHead.querySelectorAll("th")];
const keys = heads.map((head) => head.dataset.key);
const LISTED = Number(table.dataset.listed); // rows on paper
const labels = Object.fromEntries(
  [...field("result").options].map((option) => [option.value, option.text]),
);

// --- cells, as in the plain table

const when = (micros) => {
  const time = isNaN(micros) ? null : zone.show(micros);
  if (!time) return element("td", "when", "–");
  const fraction = time.fraction === "000000" ? "" : "." + time.fraction.slice(0, 3);
  // Where the clocks change within the period, each time names its offset.
  const offset = table.dataset.offsets ? " " + zone.offset(micros) : "";
  return element("td", "when", element("span", "", time.day), ` ${time.clock}${fraction}${offset}`);
};
const status = (value) => {
  if (value === null) return element("td", "status", "no row");
  return element("td", "status", value === 0 ? "–" : foreign(value));
};
const badge = (kind) =>
  element("td", "", element("span", "badge is-" + kind, sign(kind), labels[kind]));
const figure = (text) => element("td", "num", text);
const CELLS = {
  uuid: (row) => element("td", "id", foreign(dashed(rows.uuid[row]))),
  file: (row) => element("td", "file", foreign(rows.file[row])),
  transit: (row) => element("td", "num", element("b", "", duration(rows.transit[row]))),
  ingress_status: (row) => status(rows.ingress_status[row]),
  egress_status: (row) => status(rows.egress_status[row]),
  size: (row) => figure(bytes(rows.size[row])),
  throughput: (row) =>
    figure(isNaN(rows.throughput[row]) ? "–" : bytes(rows.throughput[row]) + "/s"),
  result: (row) => badge(RESULTS[rows.result[row]]),
};
for (const key of TIMES) CELLS[key] = (row) => when(rows[key][row]);
for (const key of ["ingress_time", "hand_over", "egress_time", "delivery"])
  CELLS[key] = (row) => figure(duration(rows[key][row]));

// --- order, filter, page

const unsorted = Uint32Array.from({ length: size }, (_, row) => row);
let order = unsorted;
let found = order;
let page = 0;

const sort = (key, down) => {
  const values = rows[key];
  const sign = down ? -1 : 1;
  const lacks = (value) => value === null || value !== value;
  order = unsorted.slice().sort((one, other) => {
    const a = values[one];
    const b = values[other];
    if (a < b) return -sign;
    if (a > b) return sign;
    // Equal values keep their order; unknown values are last in both directions.
    return lacks(a) - lacks(b) || one - other;
  });
  for (const head of heads) {
    head.removeAttribute("aria-sort");
    if (head.dataset.key === key) head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }
};
const filter = () => {
  const made = conditions();
  found = made.length ? order.filter((row) => made.every((holds) => holds(row))) : order;
  page = 0;
  show();
};

const show = () => {
  const length = Number(byId("page-size").value);
  const pages = Math.max(Math.ceil(found.length / length), 1);
  page = Math.min(Math.max(page, 0), pages - 1);
  const first = page * length;
  const shown = [...found.subarray(first, first + length)];
  body.replaceChildren(
    ...shown.map((row) => element("tr", "", ...keys.map((key) => CELLS[key](row)))),
  );
  const filtered = found.length < size ? `, filtered from ${number(size)}` : "";
  const range = (last) =>
    `${number(first + 1)} – ${number(last)} of ${number(found.length)}${filtered}`;
  byId("status").textContent = shown.length
    ? `Showing ${range(first + shown.length)}`
    : `No transfer fits the filter, of ${number(size)}`;
  byId("printed").textContent = shown.length
    ? `On paper: ${range(first + Math.min(shown.length, LISTED))}.`
    : byId("status").textContent + ".";
  byId("page-number").textContent = `Page ${number(page + 1)} of ${number(pages)}`;
  for (const button of byId("pages").querySelectorAll("button")) {
    const back = ["first", "previous"].includes(button.dataset.page);
    button.disabled = back ? page === 0 : page === pages - 1;
  }
};

// --- links to the filtered table: tiles, bars, cells; the address remembers them

let followed = false;
const follow = () => {
  const [section, query] = location.hash.slice(1).split("?");
  if (section !== "transfers" || query === undefined) {
    if (followed) filters.reset();
    followed = false;
    return;
  }
  followed = true;
  const wanted = new URLSearchParams(query);
  setFilter(wanted);
  const by = wanted.get("sort")?.match(/^(-?)(\w+)$/);
  if (by && keys.includes(by[2])) sort(by[2], by[1] === "-");
  filter();
  byId("transfers").scrollIntoView();
  byId("transfers").focus({ preventScroll: true });
};
addEventListener("hashchange", follow);
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-filter]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const hash = "#transfers?" + link.dataset.filter;
  if (location.hash === hash) follow();
  else location.hash = hash;
});

// --- controls

for (const head of heads) {
  head.dataset.label = head.textContent.trim();
  const button = element("button", "", head.dataset.label);
  button.type = "button";
  head.replaceChildren(button);
  button.addEventListener("click", () => {
    sort(head.dataset.key, head.getAttribute("aria-sort") === "ascending");
    filter();
  });
}
let typing;
filters.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(filter, 80);
});
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("reset", () => setTimeout(filter));
byId("export").addEventListener("click", () => save(found));
byId("page-size").addEventListener("change", () => {
  page = 0;
  show();
});
byId("pages").addEventListener("click", ({ target }) => {
  const steps = { first: -Infinity, previous: -1, next: 1, last: Infinity };
  if (!(target.dataset.page in steps)) return;
  page += steps[target.dataset.page];
  show();
});
filters.hidden = byId("actions").hidden = byId("pages").hidden = false;
document.documentElement.classList.add("ready");
show();
follow();
