"use strict";
// The table of all transfers: unpacks the columns, then sorts, filters, pages and exports them.
(async () => {
  const SECOND = 1e6;
  const UNSEEN =
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff\u{e0000}-\u{e007f}]/gu;
  const byId = (id) => document.getElementById(id);
  const table = byId("all");
  if (!table || typeof DecompressionStream === "undefined") return;
  const RESULTS = table.dataset.results.split(" "); // the index is the code in the packed rows
  const PASSED = RESULTS.indexOf("passed");

  const body = table.tBodies[0];
  const heads = [...table.tHead.querySelectorAll("th")];
  const keys = heads.map((head) => head.dataset.key);
  const labels = Object.fromEntries(
    [...byId("filter-result").options].map((option) => [option.value, option.text]),
  );

  // --- unpacking

  const unpack = async (script) => {
    const packed = Uint8Array.from(atob(script.textContent), (character) => character.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  };
  const chunks = await Promise.all([...document.querySelectorAll("script.chunk")].map(unpack));
  const column = (name) => chunks.flatMap((chunk) => chunk[name]);
  const rows = { uuid: column("uuid"), file: column("file") };
  rows.ingress_status = column("ingress_status");
  rows.egress_status = column("egress_status");
  rows.result = Uint8Array.from(column("result"));
  const size = rows.result.length;

  // Each time is the step from the last known one; unknown times and durations are NaN.
  const PERIODS = ["ingress_start", "ingress_end", "egress_start", "egress_end"];
  const TIMES = [...PERIODS, "sent_start", "sent_end"];
  const steps = TIMES.map(column);
  for (const name of TIMES) rows[name] = new Float64Array(size).fill(NaN);
  for (let row = 0; row < size; row++) {
    let time = Number(table.dataset.base);
    TIMES.forEach((name, index) => {
      const step = steps[index][row];
      if (step !== null) rows[name][row] = time += step;
    });
  }
  const between = (first, then) => rows[then].map((time, row) => time - rows[first][row]);
  rows.ingress_time = between("ingress_start", "ingress_end");
  rows.hand_over = between("ingress_end", "egress_start");
  rows.egress_time = between("egress_start", "egress_end");
  rows.transit = between("ingress_start", "egress_end");
  rows.delivery = between("sent_start", "egress_end");
  rows.size = Float64Array.from(column("size"), (bytes) => bytes ?? NaN);
  rows.throughput = rows.size.map((bytes, row) =>
    rows.delivery[row] > 0 ? Math.floor((bytes * SECOND) / rows.delivery[row]) : NaN,
  );
  const start = rows.ingress_start.map((time, row) => (isNaN(time) ? rows.egress_start[row] : time));

  // --- formats, as on the rest of the page

  const picture = (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return "␡";
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  };
  const visible = (text) => (text === null ? "–" : text.replace(UNSEEN, picture) || "⟨empty⟩");
  const number = (value) => value.toLocaleString("en-US");
  const dashed = (uuid) =>
    uuid && /^[0-9a-f]{32}$/.test(uuid)
      ? uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
      : uuid;
  const iso = (micros) => {
    const second = Math.floor(micros / SECOND);
    const date = new Date(second * 1000);
    if (isNaN(date)) return null;
    const fraction = String(micros - second * SECOND).padStart(6, "0");
    const [day, clock] = date.toISOString().split(/[T.]/);
    return { day, clock, fraction };
  };
  // Truncated, as everywhere: a value below a limit is never shown as the limit.
  const threeDigits = (value, unit) => {
    const digits = value < 10 * unit ? 2 : value < 100 * unit ? 1 : 0;
    const scale = 10 ** digits;
    return String(Math.floor((value * scale) / unit) / scale);
  };
  const two = (value) => String(value).padStart(2, "0");
  const duration = (micros) => {
    if (isNaN(micros)) return "–";
    if (micros < 0) return "-" + duration(-micros);
    if (micros > 0 && micros < 1e3) return micros + "µs";
    if (micros > 0 && micros < 1e6) return threeDigits(micros, 1e3) + "ms";
    if (micros < 6e7) return threeDigits(micros, 1e6) + "s";
    const seconds = Math.floor(micros / SECOND);
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours}h ${two(minutes % 60)}m`;
    return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
  };
  const bytes = (count) => {
    if (isNaN(count)) return "–";
    let power = 0;
    while (count >= 1024 ** (power + 1) && power < 6) power++;
    if (!power) return `${count} B`;
    return `${(Math.floor((count * 10) / 1024 ** power) / 10).toFixed(1)} ${"KMGTPE"[power - 1]}iB`;
  };

  // --- cells

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const foreign = (value) => {
    const text = visible(value);
    const characters = [...text];
    if (characters.length <= 72) return element("bdi", "", text);
    const summary = element("summary", "", element("bdi", "", characters.slice(0, 60).join("") + "…"));
    return element("details", "long", summary, element("bdi", "", text));
  };
  const when = (micros) => {
    const time = isNaN(micros) ? null : iso(micros);
    if (!time) return element("td", "when", "–");
    const fraction = time.fraction === "000000" ? "" : "." + time.fraction.slice(0, 3);
    return element("td", "when", element("span", "", time.day), ` ${time.clock}${fraction}`);
  };
  const status = (value) => {
    if (value === null) return element("td", "status", "no row");
    return element("td", "status", value ? foreign(value) : "–");
  };
  const badge = (kind) => {
    const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", "#sign-" + kind);
    sign.setAttribute("class", "sign");
    sign.setAttribute("aria-hidden", "true");
    sign.append(use);
    return element("td", "", element("span", "badge is-" + kind, sign, labels[kind]));
  };
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

  let order = Uint32Array.from({ length: size }, (_, row) => row);
  let found = order;
  let page = 0;

  const sort = (key, down) => {
    const values = rows[key];
    const sign = down ? -1 : 1;
    const lacks = (value) => value === null || value !== value;
    order = Uint32Array.from({ length: size }, (_, row) => row);
    if (!key) return;
    order.sort((one, other) => {
      const a = values[one];
      const b = values[other];
      if (a < b) return -sign;
      if (a > b) return sign;
      // Equal values keep their order; unknown values are last in both directions.
      return lacks(a) - lacks(b) || one - other;
    });
  };

  let lowered = null;
  const conditions = () => {
    const made = [];
    const text = byId("filter-text").value.trim().toLowerCase();
    if (text) {
      lowered ??= rows.file.map((name) => (name ?? "").toLowerCase());
      const hex = text.replace(/-/g, "");
      made.push(
        (row) =>
          lowered[row].includes(text) ||
          (rows.uuid[row] !== null &&
            (rows.uuid[row].includes(hex || text) ||
              rows.uuid[row].toLowerCase().includes(text))),
      );
    }
    const result = byId("filter-result").value;
    const wanted = RESULTS.indexOf(result);
    if (result === "not-passed") made.push((row) => rows.result[row] !== PASSED);
    else if (result) made.push((row) => rows.result[row] === wanted);
    const moment = (id) => Date.parse(byId(id).value + "Z") * 1000;
    const [from, to] = [moment("filter-from"), moment("filter-to")];
    if (!isNaN(from)) made.push((row) => start[row] >= from);
    if (!isNaN(to)) made.push((row) => start[row] < to);
    const [least, most] = ["filter-least", "filter-most"].map((id) => byId(id).valueAsNumber * SECOND);
    if (!isNaN(least)) made.push((row) => rows.transit[row] >= least);
    if (!isNaN(most)) made.push((row) => rows.transit[row] <= most);
    return made;
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
    const range = `${number(first + 1)} – ${number(first + shown.length)} of ${number(found.length)}`;
    const filtered = found.length < size ? `, filtered from ${number(size)}` : "";
    byId("status").textContent = shown.length
      ? `Showing ${range}${filtered}`
      : `No transfer fits the filter, of ${number(size)}`;
    byId("page-number").textContent = `Page ${number(page + 1)} of ${number(pages)}`;
    for (const button of byId("pages").querySelectorAll("button")) {
      const back = ["first", "previous"].includes(button.dataset.page);
      button.disabled = back ? page === 0 : page === pages - 1;
    }
  };

  // --- export, with the columns of fthg's own CSV: RFC 4180, with an apostrophe before text that
  // a spreadsheet would take for a formula

  const text = (value) => {
    const safe = /^ *[=+\-@\t\r\n＝＋－＠]/.test(value ?? "") ? "'" + value : (value ?? "");
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  const texts = (name) => (row) => text(rows[name][row]);
  const point = (name) => (row) => {
    const time = isNaN(rows[name][row]) ? null : iso(rows[name][row]);
    return time ? `${time.day}T${time.clock}.${time.fraction}Z` : "";
  };
  const seconds = (name) => (row) =>
    isNaN(rows[name][row]) ? "" : (rows[name][row] / SECOND).toFixed(6);
  const count = (name) => (row) => (isNaN(rows[name][row]) ? "" : rows[name][row]);
  const FIELDS = {
    uuid: (row) => text(dashed(rows.uuid[row])),
    filename: texts("file"),
    result: (row) => RESULTS[rows.result[row]],
    ...Object.fromEntries(PERIODS.map((name) => [name, point(name)])),
    ingress_seconds: seconds("ingress_time"),
    hand_over_seconds: seconds("hand_over"),
    egress_seconds: seconds("egress_time"),
    transit_seconds: seconds("transit"),
    ingress_status: texts("ingress_status"),
    egress_status: texts("egress_status"),
  };
  if (table.dataset.sent === "yes")
    Object.assign(FIELDS, {
      sent_start: point("sent_start"),
      sent_end: point("sent_end"),
      size: count("size"),
      delivery_seconds: seconds("delivery"),
      bytes_per_second: count("throughput"),
    });

  const save = () => {
    const fields = Object.values(FIELDS);
    const lines = [Object.keys(FIELDS).join(",")];
    for (const row of found) lines.push(fields.map((field) => field(row)).join(","));
    const file = new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" });
    const link = element("a");
    link.href = URL.createObjectURL(file);
    link.download = "transfers.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  // --- controls

  for (const head of heads) {
    const button = element("button", "", head.textContent.trim());
    button.type = "button";
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(head.dataset.key, down);
      filter();
    });
  }
  const filters = byId("filters");
  let typing;
  filters.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(filter, 80);
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => setTimeout(filter));
  byId("export").addEventListener("click", save);
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
})();
