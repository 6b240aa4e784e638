// check.js -- what tests/report/report.sh puts into a copy of a planted page: does the page show what was planted, and
// do its controls work?  Adds an element `checked`: a line for each thing that is not so, and how many it looked at.
"use strict";

const wrong = [];
let looked = 0;
const expect = (what, holds) => {
  looked++;
  if (!holds)
    wrong.push(what);
};
const text = (id) => document.getElementById(id).textContent;
// The cells of the row of section `id` that begins with `cells`, in any table; joined.
const row = (id, ...cells) => [...document.querySelectorAll(`#${id} tr`)]
                                .map((tr) => [...tr.cells].map((cell) => cell.textContent))
                                .filter((found) => cells.every((cell, i) => found[i] === cell))
                                .map((found) => found.join("|"))
                                .join("\n");
const choose = (name, value) => {
  const select = document.querySelector(`[name=${name}], #${name}`);
  select.value = value;
  select.dispatchEvent(new Event("change", {bubbles: true}));
};

// ---- planted values, one for each chart ----
const sections = [
  "heap", "overhead", "costs", "pauses", "latency", "utilisation", "pareto", "forest", "memory", "timeline", "scaling",
  "iterations", "numa"
];
const flames = (name) => [...document.querySelectorAll("#flames .frame")]
                           .map((frame) => frame.querySelector("title").textContent)
                           .filter((found) => found.startsWith(name));
for (const id of sections)
  expect(`chart ${id} is drawn`, document.querySelector(`#${id} figure svg[role=img]`));
expect("each figure says n, heap, machine and data file", [
  ...document.querySelectorAll("figcaption")
].every((c) => /n = .*heap .*Planted Processor.*data: .*records\.jsonl/.test(c.textContent)));
expect(
  "summary: fastest and most responsive are named",
  /use marksweep for throughput.*use satb for response/.test(text("summary")));
expect("summary: ranks carry intervals", /\[1\.1\d\d, 1\.2\d\d\]/.test(text("summary")));
expect(
  "heap: oom is a gap that says so",
  /× generational oom/.test(text("heap")) && /5 oom/.test(row("heap", "generational", "1.5x")));
expect("heap: planted time", /\|1\.[23]\d\d? s\|/.test(row("heap", "satb", "2x")));
expect(
  "overhead: stopped time of 12 % is 1/0.88 of the least",
  /marksweep\|2x\|1\.1[34]\d/.test(row("overhead", "marksweep", "2x")));
expect("costs: concurrent CPU time of 30 % of 1.2 s", /\|3[56]\d ms\|/.test(row("costs", "satb")));
expect("pauses: the longest one, 40 times 8 ms", /\|320 ms$/m.test(row("pauses", "marksweep")));
expect("latency: metered over the whole run", /\|141 µs\|/.test(row("latency", "marksweep", "metered_full")));
expect(
  "utilisation of a thread: at the largest window, half of 6/7 of 0.99",
  /\|0\.424\|0\.416$/m.test(row("utilisation", "satb", "6.56 s")));
expect("pareto: pause of 7 times 8 ms", /\|56\.0 ms\|p99\.9\|/.test(row("pareto", "marksweep")));
expect("forest: ratio of 1.2 to 1.05", /\|1\.14\d\|/.test(row("forest", "gcbench", "satb")));
expect("memory: 20 MB and 59 times 64 KB left after the last cycle", /\|23\.7 MB$/m.test(row("memory", "after cycle")));
expect("timeline: the longest stop of marksweep", /stw_total of cycle 7\|[^|]*\|320 ms/.test(row("timeline", "world")));
expect("scaling: twice the work in 1.1 times the time", /\|1\.8[012]\d\|/.test(row("scaling", "satb", "2")));
expect("iterations: warm-up of 1.4 s", /\|1\.[34]\d s\|5/.test(row("iterations", "marksweep", "1")));
expect("measured: the mean without the warm-up", /^satb\|1,002$/m.test(row("measured", "satb")));
expect("numa: bytes from node 0", /node 0\|7\.00 MB\|1\.00 MB/.test(row("numa", "node 0")));
expect("numa: why a matrix is missing", /No data.*this collector copies nothing/.test(text("numa")));

expect(
  "flames: a line and a type, of two stacks",
  /\|node\|6\.00 MB\|75\.0 %/.test(row("flames", "make_tree (workloads/gcbench.c:31)", "node")));
expect(
  "flames: one for each profiled case, and frames that stacks share are one",
  document.querySelectorAll("#flames figure").length === 2 &&
    flames("main (workloads/gcbench.c:90): 6.00 MB, 75.0 %").length === 2);

// ---- controls ----
document.querySelector("#flames .frame[aria-label^='grow']").dispatchEvent(new Event("click"));
expect(
  "flames: a frame that is clicked stands alone on those that called it",
  flames("all").length === 2 && flames("array").length === 1 && flames("main (workloads/gcbench.c:90)").length === 2);
choose("pause-kind", "ttsp");
expect("a kind with quantiles alone is drawn from them", /median over invocations/.test(text("pauses")));
choose("utilisation-scope", "aggregate");
expect(
  "utilisation of the world: at the largest window, 6/7 of 0.99",
  /\|0\.849\|0\.832$/m.test(row("utilisation", "satb", "6.56 s")));
choose("pause-kind", "stall");
expect(
  "no data says why",
  /No data. stalls are planted to be missing/.test(text("pauses")) &&
    !document.querySelector("#pauses figure svg[role=img]"));

const controls =
  [...document.querySelectorAll("#filters input, #filters select, #theme, summary, #content a, .scroll")];
const unreached = controls.filter((control) => {
  const closed = control.closest("details:not([open])");
  if (closed && control.tagName !== "SUMMARY")
    closed.open = true;
  control.focus();
  return document.activeElement !== control;
});
expect(
  `all controls take the keyboard's focus, not ${unreached[0]?.outerHTML.slice(0, 200)}`,
  controls.length > 20 && unreached.length === 0);
expect(
  "the first stop of the keyboard skips to the results",
  document.querySelector("a, button, input").className === "skip");

document.querySelector("input[value=satb]").click();
expect(
  "a collector can be filtered out",
  !/satb/.test(row("heap", "satb")) && !row("summary", "3  satb") && row("heap", "marksweep"));
document.querySelector("input[value=satb]").click();
document.querySelector("input[value=gcbench]").click();
expect("a workload can be filtered out", !/gcbench/.test(text("heap")) && /server/.test(text("heap")));
document.querySelector("input[value=gcbench]").click();
expect("and comes back", row("heap", "satb") && /gcbench/.test(text("heap")));
choose("heap", "1.5x");
expect(
  "a failure says why, whatever its text", /oom: the heap of 31\.5M is too small <\/script>/.test(text("summary")));
expect(
  "nothing is drawn of what failed, and it is told", /generational.*No data\. generational: oom/s.test(text("memory")));
choose("threads", "2");
expect("threads can be chosen", /with 2 threads/.test(text("summary")));

expect("the list of charts is styled", getComputedStyle(document.querySelector("nav")).display === "flex");
const paper = () => getComputedStyle(document.body).backgroundColor;
const before = paper();
document.getElementById("theme").click();
expect("the button changes the colours", before !== paper());

const checked = document.createElement("pre");
checked.id = "checked";
checked.textContent = [
  ...window.faults, ...wrong.map((what) => `not so: ${what}`),
  `${looked} looked at, ${wrong.length} wrong, ${window.faults.length} errors`
].join("\n");
document.body.append(checked);
