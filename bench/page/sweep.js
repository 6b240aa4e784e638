// sweep.js -- time against heap size: bands where there are intervals, gaps where a collector did not complete.
"use strict";

// How wide a heap is: in multiples of the smallest, or, where one was given as a size, in bytes.
const heapAxis = (cases) => cases.every((c) => c.heap_factor > 0) ?
  {
    of: (c) => c.heap_factor,
    axis: {
      label: "heap, multiples of the smallest",
      ticks: unique(cases.map((c) => c.heap_factor)).sort(d3.ascending),
      format: (v) => `${+ v.toFixed(2)} x`
    }
  } :
  {
    of: (c) => c.heap_bytes,
    axis: {label: "heap", format: formatBytes, ...sizeTicks(unique(cases.map((c) => c.heap_bytes)).sort(d3.ascending))}
  };

function sizeTicks(sizes) { return sizes.length <= 6 ? {ticks: sizes} : {}; }

// One series for each collector, a point for each heap; `read` gives {value, low, high} of a case.
function heapSeries(cases, read, format) {
  const {of} = heapAxis(cases);
  return [...d3.group(cases, (c) => c.collector)].map(
    ([name, members]) => ({
      name,
      ...styleOf(name),
      points: members.sort(heapOrder).map((c) => {
        const m = read(c);
        return {
          x: of(c),
          y: c.ok ? m.value : null,
          low: m.low,
          high: m.high,
          text: `heap ${c.heap}: ${format(m.value)} ${formatInterval(m, format)}`
        };
      }),
    }));
}

const fallenCases = (cases) => {
  const {of} = heapAxis(cases);
  return cases.filter((c) => !c.ok)
    .map((c) => ({x: of(c), text: `${c.collector} ${worstOutcome(c)}`, colour: styleOf(c.collector).colour}));
};

page.charts.push({
  id: "heap",
  title: "Time against heap",
  about:
    "A collector works less the more room it has. A curve ends where the collector did not complete: × says how " +
    "it ended.",
  draw(section) {
    page.eachComparable(
      section,
      page.ofThreads(),
      (c) => `${c.collector} ${c.heap}`,
      "one collector in one heap",
      (title, cases) => drawFigure(section, {
        title,
        unit: "wall time of an iteration",
        cases,
        caption: [intervalMethod],
        nothing: cases.some((c) => c.ok) ? null : `no invocation completed: ${reasons(cases.map((c) => c.failure))}`,
        legend: legendOf(cases.map((c) => c.collector)),
        draw: (figure) => drawLines(figure, {
          label: `wall time against heap, ${title}`,
          x: heapAxis(cases).axis,
          y: {label: "wall time", format: formatTime, zero: true},
          series: heapSeries(cases, (c) => metric(c, "wall_ns"), formatTime),
          fallen: fallenCases(cases),
        }),
        columns: ["collector", "heap", "wall time", `${percent} % interval`, "n", "outcomes"],
        words: 1,
        rows: cases.map((c) => {
          const m = metric(c, "wall_ns");
          return [c.collector, c.heap, formatTime(m.value), formatInterval(m, formatTime), m.n, outcomeText(c)];
        }),
      }));
  },
});
