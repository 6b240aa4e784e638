// utilisation.js -- how much of any window of time the program gets: MMU and BMU.
"use strict";

// The thick curve and the thin one of a case; its points are [window, MMU, BMU].
function utilisationSeries(c) {
  const {colour} = styleOf(c.collector);
  const text = (w, share) => `BMU(${formatTime(w)}) ${formatRatio(share)}`;
  const bmu = c.mmu.points.map(([w, , share]) => ({x: w, y: share, text: text(w, share)}));
  const mmu = c.mmu.points.map(([w, share]) => ({x: w, y: share}));
  return [
    {name: `${c.collector} BMU`, ...styleOf(c.collector), points: bmu},
    {name: `${c.collector} MMU`, colour, faint: true, points: mmu},
  ];
}

const utilisationRows = (c) =>
  c.mmu.points.map(([w, mmu, bmu]) => [c.collector, formatTime(w), formatRatio(mmu), formatRatio(bmu)]);

page.charts.push({
  id: "utilisation",
  title: "Mutator utilisation",
  about:
    "The least share of a window of this length that was left to the program: thin MMU of exactly this length, " +
    "thick BMU of this length or longer. Zero up to the longest pause; at the right end the overall share.",
  draw(section) {
    page.eachWorkload(page.ofHeap(), (title, cases) => {
      const known = cases.filter((c) => c.mmu && c.mmu.points.length);
      const counts = unique(known.flatMap((c) => c.mmu.counts || [])).join(", ");
      const scopes = unique(known.map((c) => c.mmu.scope)).join(", ");
      drawFigure(section, {
        title,
        unit: "share of time left to mutators",
        cases,
        caption: known.length ? [`counted against it: ${counts}`, scopes, "the worst of all invocations"] : [],
        nothing: known.length ? null : "no record has the group mmu: nothing completed, or gclab did not compute it",
        legend: legendOf(known.map((c) => c.collector)),
        draw: (figure) => drawLines(figure, {
          label: `mutator utilisation, ${title}`,
          x: {label: "window, log", log: true, format: formatTime},
          y: {label: "utilisation", domain: [0, 1], format: (v) => v.toFixed(1)},
          series: known.flatMap(utilisationSeries),
        }),
        columns: ["collector", "window", "MMU", "BMU"],
        rows: known.flatMap(utilisationRows),
      });
    });
  },
});
