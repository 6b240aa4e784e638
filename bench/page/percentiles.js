// percentiles.js -- distributions of pauses and of request latency, on an axis of nines.
"use strict";

const nines = [
  [0.1, "90"], [0.01, "99"], [0.001, "99.9"], [1e-4, "99.99"], [1e-5, "99.999"], [1e-6, "99.9999"], [1e-7, "99.99999"]
];
const quantileColumns = [[0.5, "p50"], [0.1, "p90"], [0.01, "p99"], [0.001, "p99.9"], [1e-4, "p99.99"]];

const quantileAt = (d, beyond) => (d.curve.find(([b]) => Math.abs(b / beyond - 1) < 1e-6) || [])[1];

// "n/a" if less than one event lies beyond, "few" if less than ten do.
function quantileText(d, beyond) {
  const ns = quantileAt(d, beyond);
  return d.n * beyond < 1 || ns === undefined ? "n/a" : formatTime(ns) + (d.n * beyond < 10 ? " (few)" : "");
}

const distributionColumns = (first) => [...first, "n", ...quantileColumns.map(([, name]) => name), "max"];
const distributionRow = (first, d) =>
  [...first, formatCount(d.n), ...quantileColumns.map(([beyond]) => quantileText(d, beyond)), formatTime(d.max_ns)];

// cases with a distribution each: [{c, d}, …]
function drawNines(parent, known, label) {
  const least = d3.min(known, ({d}) => d3.min(d.curve, ([beyond]) => beyond));
  const ticks = [[1, "0"], ...nines.filter(([beyond]) => beyond >= least * 0.99)];
  drawLines(parent, {
    label,
    x: {
      label: "percentile",
      log: true,
      domain: [1, Math.min(0.05, least / 1.3)],
      ticks: ticks.map(([beyond]) => beyond),
      format: (v) => `${(ticks.find(([b]) => b === v) || [0, ""])[1]}`
    },
    y: {label: "time, log", log: true, format: formatTime},
    series: known.map(
      ({c, d}) => ({
        name: c.collector,
        ...styleOf(c.collector),
        points: d.curve.map(
          ([beyond, ns]) =>
            ({x: beyond, y: ns > 0 ? ns : null, text: `${d3.format(".6~r")(100 - 100 * beyond)} %: ${formatTime(ns)}`}))
      })),
  });
}

const pauseKinds = [
  ["stw_total", "the world stopped, from the decision until threads run again"],
  ["ttsp", "time to safepoint, a part of the stop"],
  ["stw_op", "work while stopped, a part of the stop"],
  ["thread", "one thread stopped"],
  ["handshake", "one thread answers"],
  ["stall", "one thread waits for memory"],
  ["assist", "one thread works for the collector"],
];
page.pauseKind = "stw_total";

page.charts.push({
  id: "pauses",
  title: "Pauses",
  about:
    "How long the program is kept from running: each further nine of the axis is ten times rarer. Pauses are not " +
    "the latency that users see; stalls, assists and handshakes are kinds of their own, since collectors with " +
    "short pauses may pay there. A thread that waits for memory, or drives the cycle that it waits for, is in a " +
    "stall and in no pause of kind thread.",
  controls(header, redraw) {
    const label = element(header, "label", {}, "Kind ");
    const select = element(label, "select", {id: "pause-kind"});
    for (const [kind, words] of pauseKinds)
      element(select, "option", {value: kind}, `${kind}: ${words}`).selected = kind === page.pauseKind;
    select.addEventListener("change", () => {
      page.pauseKind = select.value;
      redraw();
    });
  },
  draw(section) {
    const kind = page.pauseKind;
    page.eachWorkload(page.ofHeap(), (title, cases) => {
      const known = cases.map((c) => ({c, d: c.pauses[kind]})).filter(({d}) => d && d.curve.length);
      drawFigure(section, {
        title,
        unit: kind,
        cases,
        caption: unique(["quantiles over all invocations", ...known.map(({d}) => d.note)].filter(Boolean))
                   .slice(known.some(({d}) => d.note) ? 1 : 0),
        nothing: known.length ?
          null :
          reasons(
            cases.map((c) => c.pauses.why && c.pauses.why[kind]), `no ok invocation recorded an event of kind ${kind}`),
        legend: legendOf(known.map(({c}) => c.collector)),
        draw: (figure) => drawNines(figure, known, `percentiles of ${kind}, ${title}`),
        columns: distributionColumns(["collector"]),
        rows: known.map(({c, d}) => distributionRow([c.collector], d)),
      });
    });
  },
});

const latencyKinds = [
  ["simple", "simple: from when a request began"],
  ["planned", "open loop: from when it was due"],
  ["metered_100ms", "metered, 100 ms"],
  ["metered_full", "metered, whole run"],
];

page.charts.push({
  id: "latency",
  title: "Request latency",
  about:
    "What a user of the program waits for. Simple latency knows no queue: while the program is stopped no request " +
    "begins. Metered latency queues requests as if they came at a steady rate; an open loop counts from when each " +
    "was due.",
  draw(section) {
    page.eachWorkload(page.ofHeap(), (title, cases) => {
      const kinds = latencyKinds.map(
        ([kind, words]) =>
          ({words, kind, known: cases.map((c) => ({c, d: c.latency[kind]})).filter(({d}) => d && d.curve.length)}));
      const drawn = kinds.filter(({known}) => known.length);
      if (!drawn.length && cases.every((c) => !c.latency.why))
        return;  // the workload serves no requests
      const missing = kinds.filter(({known}) => !known.length)
                        .map(({kind}) => {
                          const why = reasons(cases.map((c) => c.latency.why && c.latency.why[kind]), "");
                          return why && `${kind} is missing: ${why}`;
                        })
                        .filter(Boolean);
      drawFigure(section, {
        title,
        unit: drawn.map(({kind}) => kind).join(", "),
        cases,
        wide: drawn.length > 1,
        nothing: drawn.length ? null : missing.join("; "),
        caption: [...unique(drawn.flatMap(({known}) => known.map(({d}) => d.note)).filter(Boolean)), ...missing],
        legend: legendOf(drawn.flatMap(({known}) => known.map(({c}) => c.collector))),
        draw: (figure) => {
          const pair = element(figure, "div", {class: "pair"});
          for (const {words, known} of drawn) {
            const half = element(pair, "div");
            element(half, "small", {class: "soft"}, words);
            drawNines(half, known, `${words}, ${title}`);
          }
        },
        columns: distributionColumns(["collector", "kind"]),
        words: 2,
        rows: drawn.flatMap(({kind, known}) => known.map(({c, d}) => distributionRow([c.collector, kind], d))),
      });
    });
    if (!section.querySelector("figure"))
      drawNothing(section, "none of the chosen workloads serves requests");
  },
});
