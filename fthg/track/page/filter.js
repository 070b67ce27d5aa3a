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

// A pattern as Python's fnmatchcase reads it: * ? [a-z] [!a-z], the case matters.
const escape = (character) => `\\u{${character.codePointAt(0).toString(16)}}`;
const glob = (pattern) => {
  const rest = [...pattern];
  let made = "";
  while (rest.length) {
    const character = rest.shift();
    if (character === "*") made += ".*";
    else if (character === "?") made += ".";
    else if (character === "[") made += set(rest) ?? escape("[");
    else made += escape(character);
  }
  return new RegExp(`^(?:${made})$`, "su");
};
// Take a set from the characters after its bracket; without an end it is none.
const set = (rest) => {
  const inverse = rest[0] === "!" ? 1 : 0;
  const end = rest.indexOf("]", inverse + 1); // the first member may be a bracket
  if (end < 0) return null;
  const members = rest.splice(0, end + 1).slice(inverse, -1);
  let made = "";
  while (members.length) {
    const first = members.shift();
    if (members[0] === "-" && members.length > 1) {
      const last = members.splice(0, 2)[1];
      // A range that runs backwards has no characters.
      if (first.codePointAt(0) <= last.codePointAt(0)) made += `${escape(first)}-${escape(last)}`;
    } else made += escape(first);
  }
  if (!made) return inverse ? "." : "(?!)";
  return `[${inverse ? "^" : ""}${made}]`;
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
const hasName = (patterns) => {
  const made = patterns.map(glob);
  return (row) => Boolean(rows.file[row]) && made.some((one) => one.test(rows.file[row]));
};
const inGroup = (name) => {
  const patterns = GROUPS[name] ?? [];
  if (patterns.length) return hasName(patterns);
  // Without patterns it has what is in none of the others.
  const named = hasName(Object.values(GROUPS).flat());
  return (row) => !named(row);
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

