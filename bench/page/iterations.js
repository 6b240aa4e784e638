// iterations.js -- the series of iterations inside one process: warm-up and drift.
"use strict";

const THIN_MAX = 12; // invocations drawn of each case; the median is over all

const iterationMedians = (c, count) => d3.range(count).map((i) => ({
  x: i + 1,
  y: d3.median(c.iterations.map((times) => times[i]).filter(isNumber)) ?? null,
}));

function iterationSeries(c, count) {
  const {colour} = styleOf(c.collector);
  const median = iterationMedians(c, count).map((p) => ({...p, text: `iteration ${p.x}: ${formatTime(p.y)}`}));
  const thin = c.iterations.slice(0, THIN_MAX).map((times) => ({
    name: c.collector, colour, faint: true, points: times.map((ns, i) => ({x: i + 1, y: ns})),
  }));
  return [{name: c.collector, ...styleOf(c.collector), points: median}, ...thin];
}

page.charts.push({
  id: "iterations",
  title: "Iterations",
  about:
    "Each iteration of each invocation (thin) and their median (thick): do times settle, and does the warm-up " +
    "suffice?",
  draw(section) {
    page.eachWorkload(page.ofHeap(), (title, cases) => {
      const known = cases.filter((c) => c.iterations.length);
      const count = d3.max(known, (c) => d3.max(c.iterations, (times) => times.length)) || 0;
      const ticks = d3.range(1, count + 1).filter((i) => count <= 20 || i % Math.ceil(count / 10) === 0);
      const warm = known.some((c) => c.warmed_up);
      drawFigure(section, {
        title,
        unit: "wall time of each iteration",
        cases,
        caption: [warm ? "the first ones are warm-up and in no other figure" : "none was marked warm-up"],
        nothing: known.length === 0 ? "nothing completed" :
          count < 2 ? "each process ran one iteration (-i); a series needs several" : null,
        legend: legendOf(known.map((c) => c.collector)),
        draw: (figure) => drawLines(figure, {
          label: `iterations, ${title}`,
          x: {label: "iteration", ticks, format: (v) => `${v}`},
          y: {label: "wall time", format: formatTime},
          series: known.flatMap((c) => iterationSeries(c, count)),
        }),
        columns: ["collector", "iteration", "median wall time", "n"],
        rows: known.flatMap((c) => iterationMedians(c, count)
          .map((p) => [c.collector, p.x, formatTime(p.y), c.iterations.length])),
      });
    });
  },
});
