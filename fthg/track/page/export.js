// The export, with the columns of fthg's own CSV and times in UTC: RFC 4180, with an apostrophe
// before text that a spreadsheet would take for a formula. A part of the page's one function.
const dashed = (uuid) =>
  uuid && /^[0-9a-f]{32}$/.test(uuid)
    ? uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    : uuid;
const quoted = (value) => {
  const text = value || "";
  const safe = /^ *[=+\-@\t\r\n＝＋－＠]/.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
};
const texts = (name) => (row) => quoted(rows[name][row]);
const point = (name) => (row) => {
  const time = isNaN(rows[name][row]) ? null : utc(rows[name][row]);
  return time ? `${time.day}T${time.clock}.${time.fraction}Z` : "";
};
const seconds = (name) => (row) =>
  isNaN(rows[name][row]) ? "" : (rows[name][row] / SECOND).toFixed(6);
const count = (name) => (row) => (isNaN(rows[name][row]) ? "" : rows[name][row]);
const COLUMNS = {
  uuid: (row) => quoted(dashed(rows.uuid[row])),
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
  Object.assign(COLUMNS, {
    sent_start: point("sent_start"),
    sent_end: point("sent_end"),
    size: count("size"),
    delivery_seconds: seconds("delivery"),
    bytes_per_second: count("throughput"),
  });

const save = (found) => {
  const columns = Object.values(COLUMNS);
  const lines = [Object.keys(COLUMNS).join(",")];
  for (const row of found) lines.push(columns.map((column) => column(row)).join(","));
  const file = new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" });
  const link = element("a");
  link.href = URL.createObjectURL(file);
  link.download = "transfers.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

