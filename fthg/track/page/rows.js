// The rows of the table of all transfers, unpacked. A part of the page's one function.
const table = byId("all");
if (!table || typeof DecompressionStream === "undefined") return;
const RESULTS = table.dataset.results.split(" "); // the index is the code in the packed rows
const zone = zoned(JSON.parse(table.dataset.zone));

const unpack = async (script) => {
  const packed = Uint8Array.from(atob(script.textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
};
const chunks = await Promise.all([...document.querySelectorAll("script.chunk")].map(unpack));
const column = (name) => chunks.flatMap((chunk) => chunk[name]);
// A status is null where there is no row, and 0 where the row has none.
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

