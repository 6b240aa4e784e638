// main.js -- puts the page together: theme, filters, sections; draws again what a filter changes.
"use strict";

function chooseTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const button = document.getElementById("theme");
  button.textContent = theme === "dark" ? "Light" : "Dark";
  button.setAttribute("aria-label", `Switch to ${theme === "dark" ? "light" : "dark"} colours`);
}

function startTheme() {
  const wish = matchMedia("(prefers-color-scheme: dark)");
  chooseTheme(wish.matches ? "dark" : "light");
  wish.addEventListener("change", () => chooseTheme(wish.matches ? "dark" : "light"));
  document.getElementById("theme").addEventListener(
    "click", () => chooseTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
}

// Paper is white, whatever the screen is.
function startPrinting() {
  let theme = "light";
  addEventListener("beforeprint", () => {
    theme = document.documentElement.dataset.theme;
    chooseTheme("light");
  });
  addEventListener("afterprint", () => chooseTheme(theme));
}

// ---- filters ----

function drawChips(form, legend, names, chosen, key, redraw) {
  const set = element(form, "fieldset");
  element(set, "legend", {}, legend);
  for (const name of names) {
    const chip = element(set, "label", {class: "chip"});
    const box = element(chip, "input", {type: "checkbox", value: name, name: key});
    box.checked = chosen.has(name);
    if (key === "collector")
      drawKey(element(chip, "span", {class: "key"}), styleOf(name));
    chip.append(name);
    box.addEventListener("change", () => {
      box.checked ? chosen.add(name) : chosen.delete(name);
      redraw();
    });
  }
}

function drawSelect(form, legend, names, key, redraw) {
  const label = element(form, "label", {}, `${legend} `);
  const select = element(label, "select", {name: key});
  for (const name of names)
    element(select, "option", {value: String(name)}, String(name)).selected = name === page.chosen[key];
  select.addEventListener("change", () => {
    page.chosen[key] = names[select.selectedIndex];
    redraw();
  });
}

function drawFilters(redraw) {
  const form = document.getElementById("filters");
  drawChips(form, "Collectors", page.collectors, page.chosen.collectors, "collector", redraw);
  drawChips(form, "Workloads", page.workloads, page.chosen.workloads, "workload", redraw);
  drawSelect(form, "Heap", page.heaps, "heap", redraw);
  drawSelect(form, "Threads", page.threads, "threads", redraw);
}

// ---- sections ----

function drawSection(main, chart) {
  const section = element(main, "section", {id: chart.id, "aria-label": chart.title});
  const head = element(section, "header");
  element(head, "h2", {}, chart.title);
  element(head, "p", {}, chart.about);
  const grid = element(section, "div", {class: "grid"});
  const redraw = () => {
    grid.replaceChildren();
    chart.draw(grid);
    if (!grid.firstChild)
      drawNothing(grid, "no case is chosen: switch on a collector and a workload above");
  };
  if (chart.controls)
    chart.controls(head, redraw);
  redraw();
}

function drawAll() {
  const main = document.getElementById("content");
  main.replaceChildren();
  const nav = element(main, "nav", {"aria-label": "Charts"});
  for (const chart of page.charts)
    element(nav, "a", {href: `#${chart.id}`}, chart.title);
  page.summary.draw(element(main, "section", {id: "summary", "aria-label": "Which collector"}));
  for (const chart of page.charts)
    drawSection(main, chart);
}

function drawProvenance() {
  const spans = report.runs.map(
    (r) => `${r.id} (${r.records} records${r.planned ? ` of ${r.planned} planned` : ""}, ${r.first_utc || "?"})`);
  const builds = unique(report.cases.map((c) => c.build)).join("; ");
  document.getElementById("provenance").textContent =
    `${spans.join(" · ")} · ${page.machines.join("; ")} · build ${builds}`;
  const foot = document.getElementById("method");
  element(
    foot, "p", {},
    "Times are geometric means over invocations (fresh processes), each the mean of its measured iterations. " +
      `${intervalMethod}; ratios with ` +
      "Welch and Satterthwaite's degrees of freedom. Failed invocations are counted and shown, and enter no mean. " +
      "Missing values say why.");
  element(
    foot, "p", {},
    `Made ${report.made_utc} by gclab ${report.made_by}. ` +
      "This file holds all it shows and asks for nothing from the network.");
}

startTheme();
startPrinting();
drawFilters(drawAll);
drawProvenance();
drawAll();
document.documentElement.dataset.ready = "yes";
