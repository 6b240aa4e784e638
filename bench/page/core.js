// core.js -- the numbers, what of them is chosen, and words for them: what every chart starts from.
"use strict";

const report = JSON.parse(document.getElementById("data").textContent);
const page = {
  charts: [],
  chosen: {}
};

const unique = (values) => [...new Set(values)];
const heapOrder = (a, b) => (a.heap_factor || 1e9) - (b.heap_factor || 1e9) || a.heap_bytes - b.heap_bytes;

page.collectors = unique(report.cases.map((c) => c.collector)).sort();
page.workloads = unique(report.cases.map((c) => c.workload)).sort();
page.heaps = unique([...report.cases].sort(heapOrder).map((c) => c.heap));
page.threads = unique(report.cases.map((c) => c.threads)).sort((a, b) => a - b);
page.machines = unique(report.cases.map((c) => c.machine));
page.placements = unique(report.cases.map((c) => c.placement));

// The setting that most cases completed; of several, the heap nearest to twice the smallest.
function chooseSetting() {
  const votes = new Map();
  for (const c of report.cases) {
    const key = JSON.stringify([c.heap, c.threads]);
    const far = c.heap_factor ? Math.abs(Math.log(c.heap_factor / 2)) : 9;
    const vote = votes.get(key) || {heap: c.heap, threads: c.threads, ok: 0, far};
    vote.ok += c.ok > 0;
    votes.set(key, vote);
  }
  const all = [...votes.values()];
  const enough = 0.7 * Math.max(0, ...all.map((v) => v.ok));
  return all.filter((v) => v.ok >= enough).sort((a, b) => a.far - b.far || b.ok - a.ok)[0] || {};
}

page.chosen = {
  ...chooseSetting(),
  collectors: new Set(page.collectors),
  workloads: new Set(page.workloads),
};

// ---- cases by what is chosen ----

page.isShown = (c) => page.chosen.collectors.has(c.collector) && page.chosen.workloads.has(c.workload);
page.ofHeap = () =>
  report.cases.filter((c) => page.isShown(c) && c.heap === page.chosen.heap && c.threads === page.chosen.threads);
page.ofThreads = () => report.cases.filter((c) => page.isShown(c) && c.threads === page.chosen.threads);
page.ofAnyThreads = () => report.cases.filter((c) => page.isShown(c) && c.heap === page.chosen.heap);

// What is drawn in one figure: a workload on one machine with one placement.  Calls draw(title, cases).
page.eachWorkload = (cases, draw) => {
  const key =
    (c) => [c.workload, page.placements.length > 1 ? c.placement : "", page.machines.length > 1 ? c.machine : ""]
             .filter(Boolean)
             .join(" · ");
  for (const [title, members] of d3.group([...cases].sort((a, b) => d3.ascending(a.workload, b.workload)), key))
    draw(title, members.sort((a, b) => d3.ascending(a.collector, b.collector) || heapOrder(a, b)));
};

// The same for charts that compare: workloads whose cases are all alike in `kind` are named in one line instead.
page.eachComparable = (section, cases, kind, what, draw) => {
  const alone = [];
  page.eachWorkload(cases, (title, members) => {
    if (new Set(members.map(kind)).size > 1)
      draw(title, members);
    else
      alone.push(title);
  });
  if (alone.length)
    drawNothing(section, `${what}, so that there is nothing to compare: ${alone.join(", ")}`, "Left out. ");
};

// ---- metrics of a case ----

const metric = (c, name) => c.metrics[name] || {value: null, low: null, high: null, mean: null, n: 0};
// The p99.9 pause if it is known, else the longest.
const worstPause = (c) => {
  const tail = metric(c, "pauses.stw_total.p99_9_ns");
  return tail.value === null ? {...metric(c, "pauses.stw_total.max_ns"), what: "max"} : {...tail, what: "p99.9"};
};

// ---- words for numbers ----

const isNumber = (v) => typeof v === "number" && Number.isFinite(v);
// `figures` significant ones, or more before the point.
const digits = (v, figures = 3) =>
  v === 0 ? "0" : v.toFixed(Math.max(0, Math.min(12, figures - 1 - Math.floor(Math.log10(Math.abs(v) * (1 + 1e-12))))));
const timeUnits = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];
const byteUnits = [[2 ** 30, "GB"], [2 ** 20, "MB"], [2 ** 10, "KB"], [1, "B"]];
const unitOf = (v, units) => units.find(([size]) => Math.abs(v) >= 0.9995 * size) || units[units.length - 1];
const inUnits = (units, figures) => (v) => !isNumber(v) ? "–" :
  v === 0                                               ? "0" :
            `${digits(v / unitOf(v, units)[0], figures)} ${unitOf(v, units)[1]}`;
const formatTime = inUnits(timeUnits), formatBytes = inUnits(byteUnits);
const formatRatio = (v) => isNumber(v) ? v.toFixed(3) : "–";
const formatCount = (v) => isNumber(v) ? d3.format(",")(v) : "–";
const formatTick = (format) => (v) => format(v).replace(/(\.\d*?)0+(?= )/, "$1").replace(/\.(?= )/, "");

// A value and its interval in one unit: ["1.048 s", "[1.046, 1.051]"].
function formatEstimate(m, format) {
  const v = m.value ?? m.mean;
  const units = format === formatTime ? timeUnits : format === formatBytes ? byteUnits : null;
  if (!isNumber(v) || !units || v === 0)
    return [format(v), isNumber(m.low) ? `[${format(m.low)}, ${format(m.high)}]` : ""];
  const [size, unit] = unitOf(v, units);
  return [
    `${digits(v / size, isNumber(m.low) ? 4 : 3)} ${unit}`,
    isNumber(m.low) ? `[${digits(m.low / size, 4)}, ${digits(m.high / size, 4)}]` : ""
  ];
}
const formatInterval = (m, format) => formatEstimate(m, format)[1];
const percent = Math.round(100 * report.confidence);
const intervalMethod = `${percent} % intervals by t on logarithms, a sample being one invocation`;

// "5 ok, 1 oom"
const outcomeText = (c) => Object.entries(c.outcomes).map(([name, n]) => `${n} ${name}`).join(", ");
const worstOutcome = (c) => Object.keys(c.outcomes).filter((name) => name !== "ok")[0] || "ok";
