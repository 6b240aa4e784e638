// figure.js -- the frame of a figure: title, legend, drawing or the reason for none, caption, and a table.
"use strict";

// A collector keeps its colour, dash and marker in every figure, whatever is filtered.
const dashes = ["", "7 3", "2 3", "9 3 2 3", "4 2"];
const markers =
  [d3.symbolCircle, d3.symbolSquare, d3.symbolTriangle, d3.symbolDiamond, d3.symbolCross, d3.symbolStar, d3.symbolWye];
const styles = new Map(page.collectors.map((name, i) => [name, {
                                             colour: `var(--s${i % 8})`,
                                             dash: dashes[i % dashes.length],
                                             marker: markers[i % markers.length],
                                           }]));
const styleOf = (name) => styles.get(name) || {colour: "var(--s7)", dash: "", marker: d3.symbolCircle};

function element(parent, tag, attributes = {}, text = null) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    made.setAttribute(name, value);
  if (text !== null)
    made.textContent = text;
  parent.append(made);
  return made;
}

// A line with its marker, as in the charts.
function drawKey(parent, style) {
  const svg = d3.select(parent).append("svg").attr("viewBox", "0 0 30 12").attr("aria-hidden", "true");
  svg.append("line")
    .attr("x1", 1)
    .attr("x2", 29)
    .attr("y1", 6)
    .attr("y2", 6)
    .attr("stroke", style.colour)
    .attr("stroke-width", 2)
    .attr("stroke-dasharray", style.dash);
  if (style.marker)
    svg.append("path")
      .attr("transform", "translate(15,6)")
      .attr("d", d3.symbol().type(style.marker).size(42)())
      .attr("fill", style.colour);
}

function drawLegend(parent, entries) {
  const legend = element(parent, "div", {class: "legend"});
  for (const {name, ...style} of entries) {
    const item = element(legend, "span");
    if (style.box)
      d3.select(item)
        .append("svg")
        .attr("viewBox", "0 0 30 12")
        .attr("aria-hidden", "true")
        .append("rect")
        .attr("x", 8)
        .attr("width", 14)
        .attr("height", 12)
        .attr("rx", 2)
        .attr("fill", style.box);
    else
      drawKey(item, style);
    item.append(name);
  }
}

const legendOf = (names) => unique(names).map((name) => ({name, ...styleOf(name)}));

// What may be wider or longer than its place; the keyboard reaches it, to scroll.
const scrollBox = (parent, label) =>
  element(parent, "div", {class: "scroll", tabindex: 0, role: "region", "aria-label": label});

// columns: [name, …]; rows: [[cell, …], …].  Words are left-aligned in the first `words` columns.
function drawTable(parent, columns, rows, words = 1) {
  const details = element(parent, "details");
  element(details, "summary", {}, `Table (${rows.length} ${rows.length === 1 ? "row" : "rows"})`);
  const table = element(scrollBox(details, "table of the figure above"), "table");
  const head = element(element(table, "thead"), "tr");
  columns.forEach((name, i) => element(head, "th", {scope: "col", class: i < words ? "text" : ""}, name));
  const body = element(table, "tbody");
  for (const row of rows) {
    const tr = element(body, "tr");
    row.forEach((cell, i) => element(tr, "td", {class: i < words ? "text" : ""}, String(cell ?? "–")));
  }
}

function drawNothing(parent, reason, title = "No data. ") {
  const box = element(parent, "p", {class: "nothing"});
  element(box, "b", {}, title);
  box.append(reason);
}

// Where the numbers of some cases come from.
function provenance(cases, extra = []) {
  const n = unique(cases.map((c) => c.ok)).sort((a, b) => a - b);
  const failed = d3.sum(cases, (c) => c.failed);
  return [
    `n = ${n.length > 1 ? `${n[0]}–${n[n.length - 1]}` : n[0] ?? 0} ok invocations of each` +
      (failed ? `, ${failed} failed` : ""),
    ...extra,
    `heap ${unique(cases.map((c) => c.heap)).join(", ")}`,
    `${unique(cases.map((c) => c.threads)).join(", ")} mutator thread${cases.every((c) => c.threads === 1) ? "" : "s"}`,
    unique(cases.map((c) => c.machine)).join("; "),
    `data: ${unique(cases.map((c) => c.source)).join(", ")}`,
  ].join(" · ");
}

// spec: title, unit, cases, legend, draw(parent), nothing (a reason, or null), caption: [text, …], columns, rows,
// words, wide.
function drawFigure(parent, spec) {
  const figure = element(parent, "figure", {class: spec.wide ? "wide" : ""});
  const title = element(figure, "h3", {}, spec.title + " ");
  if (spec.unit)
    element(title, "small", {}, spec.unit);
  if (spec.nothing) {
    drawNothing(figure, spec.nothing);
  } else {
    if (spec.legend)
      drawLegend(figure, spec.legend);
    spec.draw(figure);
  }
  element(figure, "figcaption", {}, provenance(spec.cases, spec.caption || []));
  if (spec.rows && spec.rows.length)
    drawTable(figure, spec.columns, spec.rows, spec.words);
}

// An SVG that scales with its figure; `label` is what a screen reader says.
function canvas(parent, width, height, label) {
  return d3.select(parent)
    .append("svg")
    .attr("viewBox", `0 0 ${width} ${height}`)
    .attr("role", "img")
    .attr("aria-label", label);
}

// The reasons that records give for a missing value, each once; `otherwise` if they give none.
const reasons = (texts, otherwise) => unique(texts.filter(Boolean)).join("; ") || otherwise;

// Why each of some cases has nothing to show, those of one reason together: "a, b: why; c: why".
const reasonsByCollector =
  (cases, read) => [...d3.group(cases, read)]
                     .map(([why, members]) => `${unique(members.map((c) => c.collector)).join(", ")}: ${why}`)
                     .join("; ");
