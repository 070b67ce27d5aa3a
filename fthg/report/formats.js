// Formats and elements, the same as those of the templates. A part of the page's one function.
const SECOND = 1e6;
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff\u{e0000}-\u{e007f}]/gu;
const byId = (id) => document.getElementById(id);

// --- texts and numbers

const picture = (character) => {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
};
const visible = (text) => (text === null ? "–" : text.replace(UNSEEN, picture) || "⟨empty⟩");
const number = (value) => value.toLocaleString("en-US");
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

// --- times, in microseconds since 1970 UTC

const utc = (micros) => {
  const second = Math.floor(micros / SECOND);
  const date = new Date(second * 1000);
  if (isNaN(date)) return null;
  const fraction = String(micros - second * SECOND).padStart(6, "0");
  const [day, clock] = date.toISOString().split(/[T.]/);
  return { day, clock, fraction };
};
// A zone is a list of [start, seconds east of UTC]; the first offset counts for earlier times, too.
const zoned = (offsets) => {
  const later = offsets.slice(1).reverse();
  const east = (micros) => (later.find(([start]) => micros >= start) ?? offsets[0])[1];
  return {
    show: (micros) => utc(micros + east(micros) * SECOND),
    // The offset as `+02:00`.
    offset: (micros) => {
      const minutes = Math.floor(Math.abs(east(micros)) / 60);
      const sign = east(micros) < 0 ? "-" : "+";
      return `${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    },
    // The inverse; in a repeated hour the first pass, in a skipped one the moment of the change.
    read: (local) => {
      for (const [index, [start, seconds]] of offsets.entries()) {
        const exact = local - seconds * SECOND;
        const micros = index ? Math.max(exact, start) : exact;
        if (index === offsets.length - 1 || micros < offsets[index + 1][0]) return micros;
      }
    },
  };
};

// --- elements

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
const sign = (kind) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#sign-" + kind);
  svg.setAttribute("class", "sign");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
};

