/* census.h -- what is alive, counted by type and site; and what changed between two countings.
 *
 * A census keeps no reference, so the heap may run and move; it is a table of some hundred rows.  One thread. */
#ifndef GC_TOOLS_CENSUS_H
#define GC_TOOLS_CENSUS_H

#include "runtime/tools/graph.h"

struct census_row {
  uint32_t type;           /* of the header */
  uint64_t objects, bytes; /* in a difference: int64_t in two's complement, so that sums come out right */
};

/* Sorted by type; only types that occur. */
struct census {
  struct census_row *rows;
  size_t count;
};

/* Of what roots reach.  False if memory was refused. */
bool census_init(struct census *census, const struct graph *graph);
void census_fini(struct census *census);

/* `late` minus `early`; rows without a change are left out.  False if memory was refused. */
bool census_diff(struct census *diff, const struct census *early, const struct census *late);

/* Rows of types that have one name, which are those of one type at several sites, become one; sorted by bytes, the
 * most (the most growth) first. */
void census_merge_names(struct census *census);

#endif
