#include "bench/page/assets.h"

/* PAGE_FOLDER, a string, is where these files are (CMakeLists.txt); a file that changes has this one compiled again. */
#define ASSET(name, file)                                                                                              \
  __asm__(".section .rodata\n" #name "_begin: .incbin \"" PAGE_FOLDER "/" file "\"\n" #name "_end: .byte 0\n.text\n"); \
  extern const char name##_begin[], name##_end[];

ASSET(html, "report.html")
ASSET(css, "report.css")
ASSET(core, "core.js")
ASSET(figure, "figure.js")
ASSET(lines, "lines.js")
ASSET(summary, "summary.js")
ASSET(percentiles, "percentiles.js")
ASSET(utilisation, "utilisation.js")
ASSET(sweep, "sweep.js")
ASSET(costs, "costs.js")
ASSET(memory, "memory.js")
ASSET(timeline, "timeline.js")
ASSET(flames, "flames.js")
ASSET(scaling, "scaling.js")
ASSET(numa, "numa.js")
ASSET(measured, "measured.js")
ASSET(iterations, "iterations.js")
ASSET(forest, "forest.js")
ASSET(pareto, "pareto.js")
ASSET(main, "main.js")

#define PLACE(name) \
  { name##_begin, name##_end }
const struct asset asset_html = PLACE(html), asset_css = PLACE(css);
const struct asset asset_scripts[] = {
    PLACE(core),        PLACE(figure),      PLACE(lines),  PLACE(summary),  PLACE(sweep),  PLACE(costs),
    PLACE(percentiles), PLACE(utilisation), PLACE(pareto), PLACE(forest),   PLACE(memory), PLACE(timeline),
    PLACE(scaling),     PLACE(iterations),  PLACE(numa),   PLACE(measured), PLACE(flames), PLACE(main),
};
const size_t asset_script_count = sizeof asset_scripts / sizeof asset_scripts[0];
