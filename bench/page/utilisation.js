// utilisation.js -- how much of any window of time the program gets: MMU and BMU.
"use strict";

page.charts.push({
  id: "utilisation", title: "Mutator utilisation",
  about: "The least share of a window of this length that was left to the program: thin MMU of exactly this length, thick BMU of this length " +
    "or longer. Zero up to the longest pause; at the right end the overall share.",
  draw(section) {
    page.eachWorkload(page.ofHeap(), (title, cases) => {
      const known = cases.filter((c) => c.mmu && c.mmu.points.length);
      drawFigure(section, {
        title, unit: "share of time left to mutators", cases,
        caption: known.length ? [`counted against it: ${unique(known.flatMap((c) => c.mmu.counts || [])).join(", ")}`, `${unique(known.map((c) => c.mmu.scope)).join(", ")}`, "the worst of all invocations"] : [],
        nothing: known.length ? null : "no record has the group mmu: gclab of this build did not compute it, or nothing completed",
        legend: legendOf(known.map((c) => c.collector)),
        draw: (figure) => drawLines(figure, {
          label: `mutator utilisation, ${title}`, x: {label: "window, log", log: true, format: formatTime}, y: {label: "utilisation", domain: [0, 1], format: (v) => v.toFixed(1)},
          series: known.flatMap((c) => [
            {name: `${c.collector} BMU`, ...styleOf(c.collector), points: c.mmu.points.map(([w, mmu, bmu]) => ({x: w, y: bmu, text: `BMU(${formatTime(w)}) ${formatRatio(bmu)}`}))},
            {name: `${c.collector} MMU`, colour: styleOf(c.collector).colour, faint: true, points: c.mmu.points.map(([w, mmu]) => ({x: w, y: mmu}))},
          ]),
        }),
        columns: ["collector", "window", "MMU", "BMU"], rows: known.flatMap((c) => c.mmu.points.map(([w, mmu, bmu]) => [c.collector, formatTime(w), formatRatio(mmu), formatRatio(bmu)])),
      });
    });
  },
});
