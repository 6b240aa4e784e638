// costs.js -- what collection costs: lower bounds of the overhead, and where CPU time goes.
"use strict";

page.charts.push({
  id: "overhead",
  title: "Overhead, at least",
  about:
    "Total cost over the least that remains of any collector and heap when its explicit cost is taken out " +
    "(lower-bound overhead, Cai et al. 2022): 1.10 means at least 10 % spent on memory management. Explicit is " +
    "stopped time on the left, all CPU time of the collector on the right. Barriers stay inside what remains, " +
    "which the interval treats as exact.",
  draw(section) {
    page.eachComparable(section, page.ofThreads(), (c) => c.collector, "one collector alone", (title, cases) => {
      const known = cases.filter((c) => c.ok && isNumber(c.overhead.wall.value));
      drawFigure(section, {
        title,
        unit: "NLBO, wall time and task clock",
        cases,
        wide: true,
        caption: [intervalMethod],
        nothing: known.length ? null : "no completed case tells both its total and its explicit cost",
        legend: legendOf(cases.map((c) => c.collector)),
        draw: (figure) => {
          const pair = element(figure, "div", {class: "pair"});
          for (const [name, label] of [["wall", "wall time / least"], ["task_clock", "task clock / least"]])
            drawLines(pair, {
              label: `${label}, ${title}`,
              x: heapAxis(cases).axis,
              y: {label, format: (v) => v.toFixed(2)},
              series: heapSeries(cases, (c) => c.overhead[name], formatRatio),
              fallen: fallenCases(cases),
            });
        },
        columns: ["collector", "heap", "wall", "interval", "task clock", "interval", "n"],
        words: 1,
        rows: known.map(
          (c) =>
            [c.collector, c.heap, formatRatio(c.overhead.wall.value), formatInterval(c.overhead.wall, formatRatio),
             formatRatio(c.overhead.task_clock.value), formatInterval(c.overhead.task_clock, formatRatio), c.ok]),
      });
    });
  },
});

const costParts = [
  ["mutator", "mutator_cpu_ns"],
  ["stopped", "gc_stw_cpu_ns"],
  ["concurrent", "gc_concurrent_cpu_ns"],
  ["assist", "assist_ns"],
];
const stallPart = ["stalled (waiting, no CPU)", "stall_ns"];

function drawCosts(figure, cases, title) {
  const width = 560, row = 30, left = 118, height = 30 + row * cases.length + 26;
  const svg = canvas(figure, width, height, `CPU time by what it was spent on, ${title}`);
  const sum = (c) => d3.sum([...costParts, stallPart], ([, name]) => metric(c, name).mean);
  const x = d3.scaleLinear().domain([0, d3.max(cases, sum) || 1]).range([left, width - 14]).nice();
  for (const tick of x.ticks(5)) {
    svg.append("line")
      .attr("class", "grid-line")
      .attr("x1", x(tick))
      .attr("x2", x(tick))
      .attr("y1", 6)
      .attr("y2", height - 28);
    svg.append("text")
      .attr("x", x(tick))
      .attr("y", height - 13)
      .attr("text-anchor", "middle")
      .text(formatTick(formatTime)(tick));
  }
  cases.forEach((c, i) => {
    let from = 0;
    svg.append("text")
      .attr("class", "label")
      .attr("x", left - 8)
      .attr("y", 22 + row * i)
      .attr("text-anchor", "end")
      .attr("dy", "0.32em")
      .text(c.collector);
    [...costParts, stallPart].forEach(([name, path], part) => {
      const ns = metric(c, path).mean || 0;
      svg.append("rect")
        .attr("x", x(from))
        .attr("y", 11 + row * i)
        .attr("width", Math.max(0, x(from + ns) - x(from)))
        .attr("height", 21)
        .attr("fill", part === costParts.length ? "none" : `var(--c${part})`)
        .attr("stroke", part === costParts.length ? "var(--c4)" : "none")
        .attr("stroke-dasharray", "3 2")
        .append("title")
        .text(`${c.collector}, ${name}: ${formatTime(ns)}`);
      from += ns;
    });
  });
}

page.charts.push({
  id: "costs",
  title: "Where time goes",
  about:
    "CPU time of one iteration, over all threads: the program's own, the collector's while the program is " +
    "stopped, beside it, and what mutators did for the collector. Dashed: time that threads waited for memory, " +
    "which costs no CPU.",
  draw(section) {
    page.eachWorkload(page.ofHeap(), (title, cases) => {
      const known = cases.filter((c) => c.metrics["mutator_cpu_ns"]);
      drawFigure(section, {
        title,
        unit: "mean CPU time of an iteration",
        cases,
        nothing: known.length ? null : "no record tells the CPU time of mutators apart from that of the collector",
        legend: [
          ...costParts.map(([name], i) => ({name, box: `var(--c${i})`})),
          {name: stallPart[0], colour: "var(--c4)", dash: "3 2"}
        ],
        draw: (figure) => drawCosts(figure, known, title),
        columns: ["collector", ...costParts.map(([name]) => name), "stalled", "n"],
        rows: known.map(
          (c) => [c.collector, ...[...costParts, stallPart].map(([, path]) => formatTime(metric(c, path).mean)), c.ok]),
      });
    });
  },
});
