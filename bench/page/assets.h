/* assets.h -- the parts of the page that are not C, put into this binary by the assembler.  Read-only. */
#ifndef GC_PAGE_ASSETS_H
#define GC_PAGE_ASSETS_H

#include <stddef.h>

struct asset {
  const char *begin, *end;
};

extern const struct asset asset_html, asset_css;
extern const struct asset asset_scripts[]; /* in the order in which they run */
extern const size_t asset_script_count;

#endif
