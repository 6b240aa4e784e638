/* lines.h -- from an address in this program's code to the lines of source that it stands for, inlined ones included.
 *
 * Read from the debugging information that every build has (-g), by elfutils' libdw, when a profile is told: nothing is
 * read while it is taken.  One thread. */
#ifndef GC_TOOLS_LINES_H
#define GC_TOOLS_LINES_H

#include <stdint.h>

#include "runtime/base/compiler.h"

struct lines;

struct line {
  const char *function; /* "?" if unknown */
  const char *file;     /* from the top of the tree: "workloads/list.c"; other files without their folder; "" unknown */
  int number;           /* 0: unknown */
};

/* NULL if nothing can be read; lines_of can be asked nevertheless. */
struct lines *lines_open(void);
void lines_close(struct lines *lines);

/* The lines of `address`, innermost first: where it was inlined into is the next one.  At least one; at most `limit`.
 * The strings live as long as `lines`. */
size_t lines_of(struct lines *lines, uintptr_t address, struct line *found, size_t limit);

#endif
