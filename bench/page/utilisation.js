// utilisation.js -- how much of any window of time the program gets: MMU and BMU.
"use strict";

const utilisationScopes = [
  ["thread", "of a thread: pauses, its part of handshakes, stalls, assists"],
  ["aggregate", "of the world: stop-the-world pauses alone"],
];
page.utilisationScope = "thread";
const utilisationOf = (c) => c.mmu && c.mmu[page.utilisationScope];

// The thick curve and the thin one of a case; its points are [window, MMU, BMU].
function utilisationSeries(c) {
  const {colour} = styleOf(c.collector);
  const text = (w, share) => `BMU(${formatTime(w)}) ${formatRatio(share)}`;
  const bmu = utilisationOf(c).points.map(([w, , share]) => ({x: w, y: share, text: text(w, share)}));
  const mmu = utilisationOf(c).points.map(([w, share]) => ({x: w, y: share}));
  return [
    {name: `${c.collector} BMU`, ...styleOf(c.collector), points: bmu},
    {name: `${c.collector} MMU`, colour, faint: true, points: mmu},
  ];
}

const utilisationRows = (c) =>
  utilisationOf(c).points.map(([w, mmu, bmu]) => [c.collector, formatTime(w), formatRatio(mmu), formatRatio(bmu)]);

page.charts.push({
  id: "utilisation",
  title: "Mutator utilisation",
  about:
    "The least share of a window of this length that was left to the program: thin MMU of exactly this length, " +
    "thick BMU of this length or longer. Zero up to the longest pause; at the right end the overall share. A " +
    "collector may stop the world for microseconds and let threads wait for memory: then the two kinds differ.",
  controls(header, redraw) {
    const label = element(header, "label", {}, "Kind ");
    const select = element(label, "select", {id: "utilisation-scope"});
    for (const [scope, words] of utilisationScopes)
      element(select, "option", {value: scope}, words).selected = scope === page.utilisationScope;
    select.addEventListener("change", () => {
      page.utilisationScope = select.value;
      redraw();
    });
  },
  draw(section) {
    page.eachWorkload(page.ofHeap(), (title, cases) => {
      const known = cases.filter((c) => utilisationOf(c));
      const counts = unique(known.flatMap((c) => utilisationOf(c).counts || [])).join(", ");
      const worst = page.utilisationScope === "thread" ? "the worst thread of all invocations" :
                                                         "the worst of all invocations";
      drawFigure(section, {
        title,
        unit: "share of time left to mutators",
        cases,
        caption: known.length ? [`counted against it: ${counts}`, worst] : [],
        nothing: known.length ? null : "no record has this part of the group mmu: nothing completed or was timed",
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
