// scaling.js -- throughput against the number of mutator threads, with the line that perfect scaling would follow.
"use strict";

page.charts.push({
  id: "scaling",
  title: "Scaling",
  about:
    "Work done in a second as a multiple of what the collector's own run with the fewest threads did. Dotted: " +
    "every thread adds as much as the first.",
  draw(section) {
    page.eachWorkload(page.ofAnyThreads(), (title, cases) => {
      const byCollector =
        [...d3.group(cases, (c) => c.collector)]
          .map(([name, members]) => ({
                 name,
                 members: members.filter((c) => c.metrics["wall_ns"]).sort((a, b) => a.threads - b.threads)
               }))
          .filter(({members}) => members.length > 1);
      const read = (members, c) => {
        const work = c.split ? 1 : c.threads / members[0].threads;
        const base = metric(members[0], "wall_ns").value, m = metric(c, "wall_ns");
        return {
          value: work * base / m.value,
          low: isNumber(m.low) ? work * base / m.high : null,
          high: isNumber(m.low) ? work * base / m.low : null
        };
      };
      const threads = unique(byCollector.flatMap(({members}) => members.map((c) => c.threads))).sort(d3.ascending);
      const first = threads[0], counts = unique(cases.map((c) => c.threads)).join(", ");
      drawFigure(section, {
        title,
        unit: "throughput, multiples",
        cases,
        caption: [`${intervalMethod}; of this point alone, the base taken as exact`],
        nothing: byCollector.length ?
          null :
          `all ran with ${counts} thread(s); scaling needs a collector that completed with several numbers of them`,
        legend: legendOf(byCollector.map(({name}) => name)),
        draw: (figure) => drawLines(figure, {
          label: `scaling, ${title}`,
          x: {label: "mutator threads", ticks: threads, format: (v) => `${v}`},
          y: {label: "throughput", format: (v) => `${+ v.toFixed(2)}`, zero: true},
          series: byCollector.map(({name, members}) => ({
                                    name,
                                    ...styleOf(name),
                                    points: members.map((c) => {
                                      const r = read(members, c);
                                      return {
                                        x: c.threads,
                                        y: r.value,
                                        low: r.low,
                                        high: r.high,
                                        text: `${c.threads} threads: ${formatRatio(r.value)}`
                                      };
                                    })
                                  })),
          lines: [[[first, 1], [threads[threads.length - 1], threads[threads.length - 1] / first]]],
        }),
        columns: ["collector", "threads", "wall time", "throughput", "interval", "of ideal"],
        rows: byCollector.flatMap(({name, members}) => members.map((c) => {
          const r = read(members, c);
          return [
            name, c.threads, formatTime(metric(c, "wall_ns").value), formatRatio(r.value),
            formatInterval(r, formatRatio), `${(100 * r.value * members[0].threads / c.threads).toFixed(0)} %`
          ];
        })),
      });
    });
  },
});
