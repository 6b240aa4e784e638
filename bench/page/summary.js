// summary.js -- the first screen: which collector to use for what, and the ranks it follows from.
"use strict";

page.summary = {
  // "`satb` is…" with the names in bold
  sentence(parent, text) {
    const line = element(parent, "p");
    text.split("`").forEach((part, i) => i % 2 ? element(line, "b", {}, part) : line.append(part));
  },

  name(row, collector, rank) {
    const cell = element(row, "td");
    const key = element(cell, "span", {class: "key"});
    drawKey(key, styleOf(collector));
    key.append(rank ? `${rank}  ${collector}` : collector);
  },

  value(row, m, format) {
    const [value, interval] = formatEstimate(m, format);
    const cell = element(row, "td", {class: "number"}, value + " ");
    if (interval)
      element(cell, "span", {class: "interval"}, interval);
  },

  // Shared ranks where no difference to the fastest is shown.
  ranks(rows) {
    return rows.map(
      ({c, row}, i) => !c.ok            ? "" :
        !c.reclaims                     ? "·" :
        i === 0 || row.wall.value === 1 ? "1" :
        row.differs                     ? String(i + 1) :
                                          "1=");
  },

  // The column number `words` holds words, not numbers.
  head(table, names, words = -1) {
    const row = element(element(table, "thead"), "tr");
    names.forEach((name, i) => element(row, "th", {scope: "col", class: i === words ? "text" : ""}, name));
    return element(table, "tbody");
  },

  group(parent, group) {
    const rows = group.rows.map((row) => ({row, c: report.cases[row.case]})).filter(({c}) => page.isShown(c));
    if (rows.length === 0 || rows[0].c.heap !== page.chosen.heap || rows[0].c.threads !== page.chosen.threads)
      return false;
    const {workload, machine, placement} = rows[0].c;
    const card = element(parent, "article", {class: "card verdict", "data-workload": workload});
    const title = element(card, "h3", {}, workload + " ");
    if (page.machines.length > 1 || page.placements.length > 1)
      element(title, "small", {}, `${placement} · ${machine}`);
    this.sentence(card, group.sentence);
    const table = element(scrollBox(card, `ranks on ${workload}`), "table", {class: "ranked"});
    const body =
      this.head(table, ["collector", "wall time", "ratio", "CPU time", "worst pause", "RSS", "runs"]);
    const ranks = this.ranks(rows);
    rows.forEach(({c, row}, i) => {
      const tr = element(body, "tr", {class: !c.ok ? "fell" : ranks[i].startsWith("1") ? "best" : ""});
      this.name(tr, c.collector, ranks[i]);
      if (!c.ok) {
        element(tr, "td", {class: "text", colspan: 5}, c.failure || worstOutcome(c));
      } else {
        const pause = worstPause(c);
        this.value(tr, metric(c, "wall_ns"), formatTime);
        this.value(tr, row.wall, formatRatio);
        this.value(tr, {...metric(c, "task_clock_ns"), low: null}, formatTime);
        const cell = element(tr, "td", {}, formatTime(pause.value ?? pause.mean));
        element(cell, "span", {class: "soft"}, isNumber(pause.value ?? pause.mean) ? pause.what : "");
        this.value(tr, {...metric(c, "memory.peak_rss_bytes"), low: null}, formatBytes);
      }
      element(tr, "td", {}, c.failed ? outcomeText(c) : String(c.ok));
    });
    return true;
  },

  // Over all workloads: geometric means of the forest of this setting.
  overall(parent) {
    const forest =
      report.forests.find((f) => f.heap === page.chosen.heap && f.threads === page.chosen.threads && f.baseline);
    const shown =
      forest ? forest.geomeans.filter((g) => page.chosen.collectors.has(g.collector) && g.workloads > 0) : [];
    if (shown.length === 0 || page.workloads.length < 2)
      return;
    const card = element(parent, "article", {class: "card"});
    const title = element(card, "h3", {}, "Across workloads ");
    element(
      title, "small", {},
      `wall time as a multiple of ${forest.baseline}'s, geometric mean with its ${percent} % interval`);
    const table = element(scrollBox(card, "ranks across workloads"), "table", {class: "ranked"});
    const body = this.head(
      table,
      [
        "collector", "ratio", "what it says", "workloads",
        shown.some((g) => g.dropped.length) ? "left out, as one of the two did not complete them" : ""
      ],
      4);
    const all = [
      ...shown, {
        collector: forest.baseline,
        ratio: {value: 1, low: null, high: null},
        workloads: null,
        dropped: [],
        baseline: true
      }
    ];
    all.sort((a, b) => a.ratio.value - b.ratio.value);
    for (const g of all) {
      const tr = element(body, "tr");
      this.name(tr, g.collector);
      this.value(tr, g.ratio, formatRatio);
      const {value, low, high} = g.ratio;
      element(
        tr, "td", {class: "soft"},
        g.baseline       ? "the baseline" :
          !isNumber(low) ? "one invocation: no interval" :
          low > 1        ? `takes ${((value - 1) * 100).toFixed(1)} % more time` :
                 high < 1 ? `takes ${((1 - value) * 100).toFixed(1)} % less time` :
                            "no difference shown");
      element(tr, "td", {}, g.baseline ? "" : String(g.workloads));
      element(tr, "td", {class: "text soft"}, g.dropped.join(", "));
    }
  },

  draw(section) {
    const failed = d3.sum(report.cases, (c) => c.failed), ok = d3.sum(report.cases, (c) => c.ok);
    const planned = report.runs.every((r) => r.planned) ? d3.sum(report.runs, (r) => r.planned) : null;
    const head = element(section, "header");
    element(head, "h2", {}, "Which collector");
    const before = planned === null ? "" : `${formatCount(planned)} invocations planned, `;
    element(head, "p", {}, `${before}${formatCount(ok)} ok, ${formatCount(failed)} failed. ${intervalMethod}. ` +
      "Where a ratio's interval holds 1, no difference is shown: such collectors share a rank (1=); " +
      "· marks one that never frees.");
    this.overall(section);
    const grid = element(section, "div", {class: "grid"});
    if (!report.groups.map((group) => this.group(grid, group)).some(Boolean))
      drawNothing(
        grid, `no record with heap ${page.chosen.heap} and ${page.chosen.threads} threads is among those chosen above`);
  },
};
