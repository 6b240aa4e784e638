// flames.js -- which call stacks allocate: a flame graph for each case that was run with --profile.
"use strict";

const stackBytes = (stacks) => d3.sum(stacks, ([, own]) => own);

// The tree of all stacks; a frame is {name, own bytes, children}.  Stacks that are left out are the root's own.
function flameTree({stacks, bytes}) {
  const root = {name: "all", own: Math.max(0, bytes - stackBytes(stacks)), children: []};
  for (const [frames, bytes] of stacks) {
    let at = root;
    for (const name of frames) {
      let next = at.children.find((child) => child.name === name);
      if (!next)
        at.children.push(next = {name, own: 0, children: []});
      at = next;
    }
    at.own += bytes;
  }
  return d3.hierarchy(root).sum((frame) => frame.own).sort((a, b) => b.value - a.value);
}

// A frame keeps its colour wherever it stands; the types, at the tips, have one of their own.
function flameColour(node) {
  const shade = [...node.data.name].reduce((sum, c) => sum + c.charCodeAt(0), 0) % 5;
  return node.children ? `color-mix(in oklab, var(--c1) ${35 + 13 * shade}%, var(--c2))` : "var(--c0)";
}

// Draws what is above `focus`, and below it the way there; a click or Enter on a frame makes it the focus.
function drawFlames(holder, root, focus, label) {
  const width = 1140, row = 21;
  const way = focus.ancestors();
  const tree = d3.partition().size([width, focus.height + 1])(focus.copy());
  const svg = canvas(holder, width, row * (focus.height + way.length) + 4, label).attr("role", "group");
  const choose = (node) => {
    holder.replaceChildren();
    drawFlames(holder, root, node, label);
    holder.querySelector(`[data-level="${node.depth}"]`)?.focus();
  };
  const frame = (node, original, x, span) => {
    const text = `${node.data.name}: ${formatBytes(node.value)}, ${formatShare(node.value / root.value)}`;
    const y = row * (focus.height + way.length - 1 - original.depth);
    const box = svg.append("g").attr("class", "frame").attr("transform", `translate(${x},${y})`);
    box.append("title").text(text);
    box.append("rect")
      .attr("width", Math.max(0.5, span - 1))
      .attr("height", row - 1)
      .attr("rx", 2)
      .attr("fill", flameColour(original));
    const name = node.data.name, fits = (span - 8) / 6;
    if (span > 30)
      box.append("text").attr("x", 5).attr("y", 14).text(name.length < fits ? name : `${name.slice(0, fits - 1)}…`);
    if (original.children && span > 30)
      box.attr("tabindex", 0)
        .attr("role", "button")
        .attr("aria-label", text)
        .attr("data-level", original.depth)
        .on("click", () => choose(original))
        .on("keydown", (event) => {
          if (event.key === "Enter")
            choose(original);
        });
  };
  way.slice(1).forEach((below) => frame(below, below, 0, width));
  const originals = focus.descendants();
  tree.descendants().forEach((node, i) => frame(node, originals[i], node.x0, node.x1 - node.x0));
}

const formatShare = (share) => `${(100 * share).toFixed(1)} %`;

// The lines that allocate: the innermost frame and the type of each stack, stacks that share them added up.
function flameRows({stacks, bytes}) {
  const lines = d3.rollups(stacks, stackBytes, ([frames]) => frames.at(-2) ?? "?", ([frames]) => frames.at(-1));
  return lines.flatMap(([line, types]) => types.map(([type, own]) => [line, type, own]))
    .sort((a, b) => b[2] - a[2])
    .map(([line, type, own]) => [line, type, formatBytes(own), formatShare(own / bytes)]);
}

// A chart only for runs that have a profile: to ask for one is another experiment.
if (report.cases.some((c) => c.flames))
  page.charts.push({
    id: "flames",
    title: "Allocation by call stack",
    about:
      "Bytes that the first ok invocation of each case allocated: a frame stands on the one that called it, as wide " +
      "as all that was allocated in it, and its type at the tip. Click a frame, or press Enter, to see it alone.",
    draw(section) {
      page.eachWorkload(page.ofHeap(), (title, cases) => {
        for (const c of cases.filter((each) => each.flames))
          drawFigure(section, {
            title: `${title}, ${c.collector}`,
            unit: `${formatBytes(c.flames.bytes)} allocated`,
            cases: [c],
            wide: true,
            caption: [
              `one invocation: ${c.flames.file}`,
              `${formatCount(c.flames.stacks.length)} stacks, ` +
                `${formatShare(stackBytes(c.flames.stacks) / c.flames.bytes)} of the bytes`
            ],
            nothing: c.flames.stacks.length ? null : `${c.flames.file} holds no stack: no sample was taken`,
            draw: (figure) => {
              const root = flameTree(c.flames);
              const label = `allocation by call stack, ${title}, ${c.collector}`;
              drawFlames(element(figure, "div"), root, root, label);
            },
            columns: ["line", "type", "allocated", "share"],
            words: 2,
            rows: flameRows(c.flames),
          });
      });
    },
  });
