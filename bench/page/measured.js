// measured.js -- what workloads measured of themselves, such as the bytes of an object in a layout.
"use strict";

page.charts.push({
  id: "measured",
  title: "Measured by workloads",
  about:
    "What some workloads measure of their own work (gclab show workload): the mean over the measured iterations of " +
    "all invocations.",
  draw(section) {
    const measuring = page.ofHeap().filter((c) => Object.keys(c.figures).length);
    page.eachWorkload(measuring, (title, cases) => {
      const names = unique(cases.flatMap((c) => Object.keys(c.figures)));
      drawFigure(section, {
        title,
        cases,
        draw: (figure) => {
          const table = element(scrollBox(figure, `measured by ${title}`), "table", {class: "ranked"});
          const body = page.summary.head(table, ["collector", ...names]);
          for (const c of cases) {
            const tr = element(body, "tr");
            page.summary.name(tr, c.collector);
            for (const name of names)
              element(tr, "td", {class: "number"}, formatFigure(name, c.figures[name]));
          }
        },
      });
    });
    if (measuring.length === 0)
      drawNothing(section, "no chosen workload measures anything of itself");
  },
});

// The name ends in the unit.
function formatFigure(name, value) {
  if (!isNumber(value))
    return "–";
  return name.endsWith("_bytes") ? formatBytes(value) : name.endsWith("_ns") ? formatTime(value) : formatCount(value);
}
