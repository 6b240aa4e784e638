// numa.js -- bytes copied from each node to each node.
"use strict";

function drawHeat(figure, matrix, label) {
  const n = matrix.length, cell = Math.min(60, 420 / n), left = 60, width = 560, height = 34 + cell * n + 20;
  const svg = canvas(figure, width, height, label);
  const most = d3.max(matrix.flat()) || 1;
  matrix.forEach((row, from) => row.forEach((bytes, to) => {
    const spot = svg.append("g").attr("transform", `translate(${left + cell * to},${28 + cell * from})`);
    spot.append("rect")
      .attr("width", cell - 2)
      .attr("height", cell - 2)
      .attr("rx", 3)
      .attr("fill", "var(--s0)")
      .attr("opacity", 0.08 + 0.92 * bytes / most)
      .append("title")
      .text(`from node ${from} to node ${to}: ${formatBytes(bytes)}`);
    if (cell > 40)
      spot.append("text")
        .attr("x", cell / 2 - 1)
        .attr("y", cell / 2)
        .attr("dy", "0.32em")
        .attr("text-anchor", "middle")
        .style("fill", bytes / most > 0.5 ? "var(--paper)" : "var(--ink)")
        .text(formatBytes(bytes));
  }));
  d3.range(n).forEach((node) => {
    svg.append("text")
      .attr("x", left + cell * (node + 0.5))
      .attr("y", 20)
      .attr("text-anchor", "middle")
      .text(`to ${node}`);
    svg.append("text")
      .attr("x", left - 6)
      .attr("y", 28 + cell * (node + 0.5))
      .attr("dy", "0.32em")
      .attr("text-anchor", "end")
      .text(`from ${node}`);
  });
}

page.charts.push({
  id: "numa",
  title: "NUMA nodes",
  about: "Bytes that the collector copied from the memory of one node to that of another, of the first ok invocation.",
  draw(section) {
    page.eachWorkload(page.ofHeap(), (title, cases) => {
      const known = cases.filter((c) => c.numa && Array.isArray(c.numa.copy_matrix) && c.numa.copy_matrix.length);
      for (const c of known)
        drawFigure(section, {
          title: `${title}, ${c.collector}`,
          unit: "bytes copied",
          cases: [c],
          caption: c.numa.synthetic ? ["topology: synthetic, so nothing was bound: no performance result"] : [],
          draw: (figure) =>
            drawHeat(figure, c.numa.copy_matrix, `bytes copied between nodes, ${title}, ${c.collector}`),
          columns: ["from", ...c.numa.copy_matrix.map((_, to) => `to ${to}`)],
          rows: c.numa.copy_matrix.map((row, from) => [`node ${from}`, ...row.map(formatBytes)]),
        });
      const without = cases.filter((c) => !known.includes(c));
      const nodes = unique(without.map((c) => c.numa && c.numa.nodes).filter(isNumber));
      const share = (c, what) => c.numa && isNumber(c.numa[what[0]]) && c.numa[what[0]] + c.numa[what[1]] > 0 ?
        `${(100 * c.numa[what[0]] / (c.numa[what[0]] + c.numa[what[1]])).toFixed(1)} %` :
        "–";
      if (without.length)
        drawFigure(section, {
          title: `${title}, ${without.map((c) => c.collector).join(", ")}`,
          cases: without,
          nothing: reasons(
            [
              nodes.length === 1 && nodes[0] === 1 ? "the machine has one node" : null,
              ...without.map((c) => c.numa && c.numa.why_null && c.numa.why_null.copy_matrix)
            ],
            "nothing completed"),
          columns: ["collector", "nodes", "allocated locally", "traced locally"],
          rows: without.filter((c) => c.numa)
                  .map(
                    (c) =>
                      [c.collector, c.numa.nodes, share(c, ["alloc_local_bytes", "alloc_remote_bytes"]),
                       share(c, ["trace_local_objects", "trace_remote_objects"])])
        });
    });
  },
});
