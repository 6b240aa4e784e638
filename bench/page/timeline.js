// timeline.js -- one invocation, a lane for each thread: what kept it from running, and the collector's cycles.
"use strict";

const spanColours = [
  ["stw_total", "var(--c1)"], ["thread", "var(--c1)"], ["handshake", "var(--s0)"], ["stall", "var(--s3)"],
  ["assist", "var(--c2)"]
];
const spanColour = (lane, text) =>
  lane === "cycles" ? "var(--c0)" : (spanColours.find(([kind]) => text.startsWith(kind)) || [0, "var(--s7)"])[1];

function drawTimeline(figure, timeline, label) {
  const width = 1140, row = 24, left = 84, height = 8 + row * timeline.lanes.length + 34;
  const svg = canvas(figure, width, height, label);
  const x = d3.scaleLinear().domain([0, timeline.end_ns]).range([left, width - 12]);
  for (const tick of x.ticks(10)) {
    svg.append("line")
      .attr("class", "grid-line")
      .attr("x1", x(tick))
      .attr("x2", x(tick))
      .attr("y1", 4)
      .attr("y2", height - 30);
    svg.append("text")
      .attr("x", x(tick))
      .attr("y", height - 15)
      .attr("text-anchor", "middle")
      .text(formatTick(formatTime)(tick));
  }
  timeline.lanes.forEach(({name, spans}, i) => {
    const y = 8 + row * i;
    svg.append("text")
      .attr("class", "label")
      .attr("x", left - 8)
      .attr("y", y + 9)
      .attr("dy", "0.32em")
      .attr("text-anchor", "end")
      .text(name);
    svg.append("line")
      .attr("class", "grid-line")
      .attr("x1", left)
      .attr("x2", width - 12)
      .attr("y1", y + 20)
      .attr("y2", y + 20);
    for (const [begin, duration, text] of spans)
      svg.append("rect")
        .attr("x", x(begin))
        .attr("y", y)
        .attr("width", Math.max(0.7, x(begin + duration) - x(begin)))
        .attr("height", 18)
        .attr("fill", spanColour(name, text))
        .append("title")
        .text(`${name}, ${text}: ${formatTime(duration)} at ${formatTime(begin)}`);
  });
}

page.charts.push({
  id: "timeline",
  title: "Timeline",
  about:
    "The first ok invocation of each case: cycles of the collector, and what kept the world or one thread from " +
    "running.",
  draw(section) {
    page.eachWorkload(page.ofHeap(), (title, cases) => {
      for (const c of cases.filter((each) => each.timeline)) {
        const {lanes, total, shown, file} = c.timeline;
        const longest = lanes.flatMap(({name, spans}) => spans.map((span) => [name, ...span]))
                          .sort((a, b) => b[2] - a[2])
                          .slice(0, 20);
        drawFigure(section, {
          title: `${title}, ${c.collector}`,
          unit: "time since the heap's origin",
          cases: [c],
          wide: true,
          caption: [
            `one invocation: ${file}`,
            shown < total ? `the ${formatCount(shown)} longest of ${formatCount(total)} spans` :
                            `${formatCount(total)} spans`
          ],
          nothing: lanes.length ? null : `${file} holds no pause and no cycle`,
          legend: [
            {name: "cycle", box: "var(--c0)"},
            ...spanColours
              .filter(([kind]) => lanes.some(({spans}) => spans.some(([, , text]) => text.startsWith(kind))))
              .map(([name, box]) => ({name, box}))
          ],
          draw: (figure) => drawTimeline(figure, c.timeline, `timeline, ${title}, ${c.collector}`),
          columns: ["lane", "what (the longest)", "begin", "duration"],
          words: 2,
          rows: longest.map(([lane, begin, ns, text]) => [lane, text, formatTime(begin), formatTime(ns)]),
        });
      }
      const without = cases.filter((c) => !c.timeline);
      if (without.length)
        drawFigure(section, {
          title: `${title}, ${without.map((c) => c.collector).join(", ")}`,
          cases: without,
          nothing: reasonsByCollector(without, (c) => c.ok ? "its records name no file pauses or gc" : c.failure)
        });
    });
  },
});
