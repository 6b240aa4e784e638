// memory.js -- memory over the time of one invocation.
"use strict";

const memorySeries = [
  ["RSS", {colour: "var(--s7)", dash: "2 3"}],
  ["committed", {colour: "var(--s3)", dash: "7 3"}],
  ["used", {colour: "var(--s0)", dash: ""}],
  ["metadata", {colour: "var(--s4)", dash: "9 3 2 3"}],
  ["after cycle", {colour: "var(--s1)", dash: "", marker: d3.symbolCircle}],
];

page.charts.push({
  id: "memory",
  title: "Memory over time",
  about:
    "The first ok invocation of each case: what the kernel counts, what the heap uses, and what is left after " +
    "each cycle.",
  draw(section) {
    const all = page.ofHeap();
    page.eachWorkload(all, (title, cases) => {
      for (const c of cases.filter((each) => each.memory)) {
        const known = memorySeries.filter(([name]) => c.memory[name]);
        drawFigure(
          section, {
            title: `${title}, ${c.collector}`,
            unit: "bytes",
            cases: [c],
            caption: [`one invocation: ${c.memory.file}`],
            nothing: known.length ? null : `${c.memory.file} holds no samples`,
            legend: known.map(([name, style]) => ({name, ...style})),
            draw:
              (figure) =>
                drawLines(
                  figure, {
                    label: `memory over time, ${title}, ${c.collector}`,
                    x: {label: "time", format: formatTime},
                    y: {label: "memory", format: formatBytes, zero: true},
                    series: known.map(([name, style]) => ({
                                        name,
                                        ...style,
                                        points: c.memory[name].map(
                                          ([t, bytes]) => (
                                            {x: t, y: bytes, text: `${formatTime(t)}: ${formatBytes(bytes)}`}))
                                      })),
                  },
                  560, 240),
            columns: ["series", "points", "least", "most", "last"],
            rows: known.map(([name]) => {
              const bytes = c.memory[name].map(([, b]) => b);
              return [
                name, bytes.length, formatBytes(d3.min(bytes)), formatBytes(d3.max(bytes)),
                formatBytes(bytes[bytes.length - 1])
              ];
            }),
          });
      }
      const without = cases.filter((c) => !c.memory);
      if (without.length)
        drawFigure(section, {
          title: `${title}, ${without.map((c) => c.collector).join(", ")}`,
          cases: without,
          nothing: reasonsByCollector(without, (c) => c.ok ? "its records name no file samples or gc" : c.failure)
        });
    });
  },
});
