// pareto.js -- pause against overhead: which collectors are beaten in both by another.
"use strict";

page.charts.push({
  id: "pareto",
  title: "Pause against overhead",
  about:
    "Left is cheaper, lower is shorter. The line joins the collectors that no other beats in both: the choice is " +
    "among them.",
  draw(section) {
    page.eachWorkload(page.ofHeap(), (title, cases) => {
      const read = (c) => ({c, x: c.overhead.task_clock, y: worstPause(c)});
      const known =
        cases.filter((c) => c.ok && c.reclaims).map(read).filter(({x, y}) => isNumber(x.value) && isNumber(y.value));
      const best = [...known]
                     .sort((a, b) => a.x.value - b.x.value || a.y.value - b.y.value)
                     .filter(({y}, i, all) => all.slice(0, i).every((other) => other.y.value > y.value));
      const unknown = cases.filter((c) => c.ok && c.reclaims && !known.some((k) => k.c === c)).map((c) => c.collector);
      drawFigure(section, {
        title,
        unit: `${unique(known.map(({y}) => y.what)).join(" or ")} pause against NLBO of the task clock`,
        cases,
        caption: [
          intervalMethod,
          ...(unknown.length ? [`not shown, as it paused never or not in every invocation: ${unknown.join(", ")}`] : [])
        ],
        nothing: known.length ? null : "no collector that frees memory has both a pause and an overhead here",
        legend: legendOf(known.map(({c}) => c.collector)),
        draw: (figure) => {
          const frontier = {
            name: "not beaten",
            colour: "var(--soft)",
            dash: "2 4",
            points: best.map(({x, y}) => ({x: x.value, y: y.value}))
          };
          drawLines(figure, {
            label: `pause against overhead, ${title}`,
            x: {label: "task clock / least (NLBO)", format: (v) => v.toFixed(2)},
            y: {label: "pause, log", log: true, format: formatTime},
            step: true,
            series: [
              frontier,
              ...known.map(({c, x, y}) => ({
                             name: c.collector,
                             ...styleOf(c.collector),
                             points: [{
                               x: x.value,
                               y: y.value,
                               low: y.low,
                               high: y.high,
                               text: `overhead ${formatRatio(x.value)}, pause ${formatTime(y.value)} (${y.what})`
                             }]
                           }))
            ],
          });
        },
        columns: ["collector", "overhead", "interval", "pause", "which", "interval", "not beaten"],
        rows: known.map(
          (k) =>
            [k.c.collector, formatRatio(k.x.value), formatInterval(k.x, formatRatio), formatTime(k.y.value), k.y.what,
             formatInterval(k.y, formatTime), best.includes(k) ? "yes" : "no"]),
      });
    });
  },
});
