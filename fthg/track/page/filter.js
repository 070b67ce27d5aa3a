// The filter: a form whose fields make conditions. A part of the page's one function.
const STATUSES = table.dataset.statuses.split(" "); // the index is the code of a status
const GROUPS = JSON.parse(table.dataset.groups); // name → patterns of file names
const LIMIT = Number(table.dataset.limit); // the promised transit time, NaN without one
const filters = byId("filters");
const field = (name) => byId("filter-" + name);
const among = (...names) => {
  const codes = names.map((name) => RESULTS.indexOf(name));
  return (row) => codes.includes(rows.result[row]);
};
const PASSED = among("passed");
const DUE = among("passed", "failed", "timeout", "unpaired");
const IN_TIME = (row) => PASSED(row) && rows.transit[row] <= LIMIT;

// A pattern as SQLite's GLOB reads it: * ? [a-z] [^a-z], the case matters.
const glob = (pattern) => {
  const escape = (character) => `\\u{${character.codePointAt(0).toString(16)}}`;
  const rest = [...pattern];
  let made = "";
  while (rest.length) {
    const character = rest.shift();
    if (character === "*") made += ".*";
    else if (character === "?") made += ".";
    else if (character === "[") made += set(rest, escape);
    else made += escape(character);
  }
  return new RegExp(`^(?:${made})$`, "su");
};
const set = (rest, escape) => {
  const inverse = rest[0] === "^" ? rest.shift() : "";
  const members = rest[0] === "]" ? [rest.shift()] : [];
  let made = members.map(escape).join("");
  let last = "";
  while (rest.length && rest[0] !== "]") {
    const character = rest.shift();
    if (character === "-" && last && rest.length && rest[0] !== "]") {
      const end = rest.shift();
      if (last.codePointAt(0) <= end.codePointAt(0)) made += `${escape(last)}-${escape(end)}`;
      last = "";
    } else {
      made += escape(character);
      last = character;
    }
  }
  // Without its end a set fits nothing.
  return rest.shift() ? (made ? `[${inverse}${made}]` : inverse ? "." : "(?!)") : "(?!)";
};

// The code of a status, as the ledger finds it.
const code = (value) => {
  if (value === null) return STATUSES.indexOf("NO_ROW");
  if (value === 0) return STATUSES.indexOf("NONE");
  const plain = value.replace(/^ +| +$/g, "").replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const known = ["SUCCESS", "FAILED", "TIMEOUT"].includes(plain);
  return STATUSES.indexOf(known ? plain : "UNKNOWN");
};

let lowered = null;
const hasText = (text) => {
  lowered ??= rows.file.map((name) => (name ?? "").toLowerCase());
  const hex = text.replace(/-/g, "") || text;
  const isIn = (uuid) => uuid !== null && (uuid.includes(hex) || uuid.toLowerCase().includes(text));
  return (row) => lowered[row].includes(text) || isIn(rows.uuid[row]);
};
const hasResult = (result) => {
  if (result === "not-passed") return (row) => !PASSED(row);
  if (result === "failures") return among("failed", "timeout");
  if (result === "open") return among("in_progress", "pending");
  return among(result);
};
const inGroup = (name) => {
  const patterns = (GROUPS[name] ?? []).map(glob);
  const fits = (name) => name !== null && patterns.some((pattern) => pattern.test(name));
  return (row) => fits(rows.file[row]);
};
const hasStatus = (side) => (wanted) => {
  const wantedCode = STATUSES.indexOf(wanted);
  const statuses = rows[side + "_status"];
  return (row) => code(statuses[row]) === wantedCode;
};
const inTime = (wanted) => (wanted === "yes" ? IN_TIME : (row) => DUE(row) && !IN_TIME(row));
const FIELDS_OF_TEXT = {
  text: (value) => hasText(value.toLowerCase()),
  result: hasResult,
  group: inGroup,
  ingress: hasStatus("ingress"),
  egress: hasStatus("egress"),
  "in-time": inTime,
};
const moment = (input) => zone.read(Date.parse(input.value + "Z") * 1000);
const micros = (input) => Math.round(input.valueAsNumber * SECOND);
const FIELDS_OF_TIME = {
  from: [moment, (from) => (row) => start[row] >= from],
  to: [moment, (to) => (row) => start[row] < to],
  least: [micros, (least) => (row) => rows.transit[row] >= least],
  most: [micros, (most) => (row) => rows.transit[row] <= most],
};
const conditions = () => {
  const made = [];
  for (const [name, condition] of Object.entries(FIELDS_OF_TEXT)) {
    const value = field(name)?.value.trim();
    if (value) made.push(condition(value));
  }
  for (const [name, [read, condition]] of Object.entries(FIELDS_OF_TIME)) {
    const input = field(name);
    // A link knows microseconds, which the field may not be able to show.
    const value = Number(input.dataset.exact ?? read(input));
    if (!isNaN(value)) made.push(condition(value));
  }
  return made;
};

// Set the fields to what a link says; times are microseconds.
const setFilter = (wanted) => {
  filters.reset();
  for (const name of Object.keys(FIELDS_OF_TEXT))
    if (wanted.has(name) && field(name)) field(name).value = wanted.get(name);
  for (const name of Object.keys(FIELDS_OF_TIME)) {
    const value = parseInt(wanted.get(name), 10);
    if (isNaN(value)) continue;
    const time = zone.show(value);
    const milliseconds = time && time.fraction.slice(0, 3);
    field(name).value = ["from", "to"].includes(name)
      ? `${time.day}T${time.clock}` + (milliseconds === "000" ? "" : "." + milliseconds)
      : String(value / SECOND);
    field(name).dataset.exact = value;
  }
};
filters.addEventListener("input", ({ target }) => delete target.dataset.exact);
filters.addEventListener("reset", () => {
  for (const name of Object.keys(FIELDS_OF_TIME)) delete field(name).dataset.exact;
});

