// lines.js -- curves over one pair of axes: most charts of the page.
//
// spec: label (for screen readers), x and y: {label, log, domain, ticks, format}; series: [{name, colour, dash, marker,
// faint, points: [{x, y, low, high, text}]}], where y null is a gap; fallen: [{x, text, colour}], which stand on top
// where a curve has a gap; lines: [[x, y], …][] drawn as ideals; step.
"use strict";

const margins = {
  top: 18,
  right: 14,
  bottom: 38,
  left: 58
};

function axisDomain(axis, values) {
  if (axis.domain)
    return axis.domain;
  const [least, most] = d3.extent(values.filter((v) => isNumber(v) && (!axis.log || v > 0)));
  if (least === undefined)
    return [axis.log ? 1 : 0, axis.log ? 10 : 1];
  if (axis.log)
    return least === most ? [least / 2, most * 2] : [least / 1.15, most * 1.15];
  const room = (most - (axis.zero ? 0 : least)) * 0.06 || Math.abs(most) * 0.1 || 1;
  return [axis.zero ? 0 : least - room, most + room];
}

function axisScale(axis, values, range) {
  return (axis.log ? d3.scaleLog() : d3.scaleLinear()).domain(axisDomain(axis, values)).range(range);
}

function axisTicks(axis, scale, count) {
  if (axis.ticks)
    return axis.ticks;
  const [low, high] = d3.extent(scale.domain());
  const decades = Math.log10(high / low);
  if (!axis.log && axis.format === formatBytes) {
    const unit = unitOf(high, byteUnits)[0];
    return d3.ticks(low / unit, high / unit, count).map((v) => v * unit);
  }
  if (!axis.log || decades < 0.5)
    return d3.ticks(low, high, count);
  const powers = d3.range(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)) + 1);
  const steps = decades < 1.2 ? [1, 1.5, 2, 3, 5, 7] : decades < 2.5 ? [1, 2, 5] : [1];
  return powers.flatMap((power) => steps.map((step) => step * 10 ** power)).filter((v) => v >= low && v <= high);
}

function drawAxes(svg, spec, x, y, width, height) {
  const format = (axis) => axis.format ? formatTick(axis.format) : (v) => d3.format("~g")(v);
  const grid = svg.append("g");
  for (const tick of axisTicks(spec.y, y, 5)) {
    grid.append("line")
      .attr("class", "grid-line")
      .attr("x1", margins.left)
      .attr("x2", width - margins.right)
      .attr("y1", y(tick))
      .attr("y2", y(tick));
    svg.append("text")
      .attr("x", margins.left - 7)
      .attr("y", y(tick))
      .attr("dy", "0.32em")
      .attr("text-anchor", "end")
      .text(format(spec.y)(tick));
  }
  for (const tick of axisTicks(spec.x, x, 6)) {
    grid.append("line")
      .attr("class", "grid-line")
      .attr("x1", x(tick))
      .attr("x2", x(tick))
      .attr("y1", margins.top)
      .attr("y2", height - margins.bottom);
    svg.append("text")
      .attr("x", x(tick))
      .attr("y", height - margins.bottom + 15)
      .attr("text-anchor", "middle")
      .text(format(spec.x)(tick));
  }
  svg.append("text")
    .attr("class", "label")
    .attr("x", (margins.left + width - margins.right) / 2)
    .attr("y", height - 5)
    .attr("text-anchor", "middle")
    .text(spec.x.label);
  svg.append("text").attr("class", "label").attr("x", 4).attr("y", 9).text(spec.y.label);
}

function drawSeries(svg, series, x, y, step) {
  const isDrawn = (p) => isNumber(p.y) && isNumber(p.x) && isNumber(x(p.x)) && isNumber(y(p.y));
  const curve = step ? d3.curveStepAfter : d3.curveLinear;
  const banded = series.points.filter((p) => isNumber(p.low));
  if (banded.length > 1)
    svg.append("path")
      .attr("fill", series.colour)
      .attr("opacity", 0.15)
      .attr(
        "d",
        d3.area()
          .defined((p) => isDrawn(p) && isNumber(p.low))
          .x((p) => x(p.x))
          .y0((p) => y(p.low))
          .y1((p) => y(p.high))(series.points));
  for (const p of banded.filter(isDrawn))
    svg.append("line")
      .attr("stroke", series.colour)
      .attr("x1", x(p.x))
      .attr("x2", x(p.x))
      .attr("y1", y(p.low))
      .attr("y2", y(p.high));
  svg.append("path")
    .attr("fill", "none")
    .attr("stroke", series.colour)
    .attr("stroke-dasharray", series.dash || null)
    .attr("stroke-width", series.faint ? 1 : 2)
    .attr("opacity", series.faint ? 0.45 : 1)
    .attr("stroke-linejoin", "round")
    .attr("d", d3.line().defined(isDrawn).curve(curve).x((p) => x(p.x)).y((p) => y(p.y))(series.points));
  const every =
    Math.max(1, Math.ceil(series.points.length / 14));  // markers tell curves apart; more of them would hide the curve
  if (!series.marker)
    return;
  series.points.filter(isDrawn).forEach((p, i, all) => {
    if (i % every && i !== all.length - 1)
      return;
    svg.append("path")
      .attr("transform", `translate(${x(p.x)},${y(p.y)})`)
      .attr("d", d3.symbol().type(series.marker).size(38)())
      .attr("fill", series.colour)
      .append("title")
      .text(`${series.name}: ${p.text || p.y}`);
  });
}

function drawLines(parent, spec, width = 560, height = 290) {
  const svg = canvas(parent, width, height, spec.label);
  const points = spec.series.flatMap((s) => s.points).concat((spec.lines || []).flat().map(([x, y]) => ({x, y})));
  const fallen = spec.fallen || [];
  const x = axisScale(spec.x, points.concat(fallen).map((p) => p.x), [margins.left, width - margins.right]);
  const y = axisScale(
    spec.y, points.filter((p) => isNumber(p.y)).flatMap((p) => [p.y, p.low, p.high]),
    [height - margins.bottom, margins.top + (fallen.length ? 12 : 0)]);
  drawAxes(svg, spec, x, y, width, height);
  for (const line of spec.lines || [])
    svg.append("path").attr("class", "ideal").attr("d", d3.line()(line.map(([a, b]) => [x(a), y(b)])));
  for (const series of [...spec.series].sort((a, b) => (b.faint ? 1 : 0) - (a.faint ? 1 : 0)))
    drawSeries(svg, series, x, y, spec.step);
  const above = new Map();
  for (const {x: at, text, colour} of fallen) {
    const row = above.get(at) || 0;
    above.set(at, row + 1);
    svg.append("text")
      .attr("class", "failed")
      .attr("x", x(at))
      .attr("y", margins.top + 6 + 11 * row)
      .attr("text-anchor", "middle")
      .style("fill", colour)
      .text(`× ${text}`);
  }
  return svg;
}
