// forest.js -- ratios to a baseline with their intervals, and the geometric mean over workloads.
"use strict";

function drawForest(figure, rows, baseline) {
  const width = 900, row = 22, left = 300, right = 190, height = 26 + row * rows.length + 34;
  const svg = canvas(figure, width, height, `wall time as a multiple of ${baseline}'s`);
  const ends = rows.flatMap(({ratio}) => [ratio.value, ratio.low, ratio.high]).filter(isNumber).concat([1]);
  const x = d3.scaleLog().domain([d3.min(ends) / 1.06, d3.max(ends) * 1.06]).range([left, width - right]);
  for (const tick of axisTicks({log: true}, x, 6)) {
    svg.append("line")
      .attr("class", "grid-line")
      .attr("x1", x(tick))
      .attr("x2", x(tick))
      .attr("y1", 8)
      .attr("y2", height - 34);
    svg.append("text")
      .attr("x", x(tick))
      .attr("y", height - 20)
      .attr("text-anchor", "middle")
      .text(d3.format("~g")(tick));
  }
  svg.append("line")
    .attr("stroke", "var(--ink)")
    .attr("x1", x(1))
    .attr("x2", x(1))
    .attr("y1", 8)
    .attr("y2", height - 34);
  svg.append("text")
    .attr("class", "label")
    .attr("x", x(1))
    .attr("y", height - 5)
    .attr("text-anchor", "middle")
    .text(`← less time · as ${baseline} · more time →`);
  rows.forEach(({collector, workload, ratio, geomean}, i) => {
    const y = 20 + row * i, style = styleOf(collector);
    svg.append("text")
      .attr("class", "label")
      .attr("x", left - 14)
      .attr("y", y)
      .attr("dy", "0.32em")
      .attr("text-anchor", "end")
      .style("font-weight", geomean ? 650 : 400)
      .text(`${workload} · ${collector}`);
    if (isNumber(ratio.low))
      svg.append("line")
        .attr("stroke", style.colour)
        .attr("stroke-width", geomean ? 4 : 2)
        .attr("x1", x(ratio.low))
        .attr("x2", x(ratio.high))
        .attr("y1", y)
        .attr("y2", y);
    svg.append("path")
      .attr("transform", `translate(${x(ratio.value)},${y})`)
      .attr("d", d3.symbol().type(geomean ? d3.symbolDiamond : style.marker).size(geomean ? 130 : 56)())
      .attr("fill", style.colour);
    svg.append("text")
      .attr("x", width - right + 14)
      .attr("y", y)
      .attr("dy", "0.32em")
      .text(`${formatRatio(ratio.value)} ${formatInterval(ratio, formatRatio) || "no interval"}`);
  });
}

page.charts.push({
  id: "forest",
  title: "Ratios",
  about:
    "Wall time as a multiple of the baseline's. An interval that crosses the line shows no difference. Diamonds " +
    "are geometric means over the workloads that both collectors completed.",
  draw(section) {
    const forests = report.forests.filter((f) => f.heap === page.chosen.heap && f.threads === page.chosen.threads);
    for (const forest of forests) {
      const isOf = (r) => page.chosen.collectors.has(r.collector);
      const rows =
        forest.rows.filter((r) => isOf(r) && page.chosen.workloads.has(r.workload) && isNumber(r.ratio.value));
      const means = forest.geomeans.filter((g) => isOf(g) && g.workloads > 1)
                      .map((g) => ({...g, workload: `geomean of ${g.workloads}`, geomean: true, n: g.workloads}));
      const dropped = forest.geomeans.filter((g) => isOf(g) && g.dropped.length)
                        .map((g) => `${g.collector}: ${g.dropped.join(", ")}`);
      const cases = page.ofHeap().filter((c) => c.machine === forest.machine && c.placement === forest.placement);
      const all = [
        ...rows.sort((a, b) => d3.ascending(a.workload, b.workload) || d3.ascending(a.collector, b.collector)), ...means
      ];
      if (cases.length)
        drawFigure(section, {
          title: `Wall time to that of ${forest.baseline || "none"}`,
          unit: "ratio of geometric means, log",
          cases,
          wide: true,
          caption: [
            intervalMethod,
            ...(
              dropped.length ?
                [`LEFT OUT of the means, as one of the two did not complete them: ${dropped.join("; ")}`] :
                [])
          ],
          nothing: all.length ? null : "a ratio needs two collectors that completed the same workload",
          draw: (figure) => drawForest(figure, all, forest.baseline),
          columns: ["workload", "collector", "ratio", "interval", "n"],
          words: 2,
          rows: all.map(
            (r) => [r.workload, r.collector, formatRatio(r.ratio.value), formatInterval(r.ratio, formatRatio), r.n]),
        });
    }
    if (!section.querySelector("figure"))
      drawNothing(section, "no records of this heap and these threads are chosen");
  },
});
