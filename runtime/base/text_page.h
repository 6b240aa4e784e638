/* text_page.h -- starts the code of an object file on a page of its own.
 *
 * CMake force-includes it into every collector and every (workload, collector) pair, and links those last,
 * in a fixed order: adding plan A then moves plan B's code by whole pages only, so that no loop of B changes
 * its alignment, its cache set or its branch predictor's index.  GC_LINK_SEED shuffles the order on purpose. */
#ifndef GC_BASE_TEXT_PAGE_H
#define GC_BASE_TEXT_PAGE_H

__asm__(".text\n\t.p2align 12");

#endif
