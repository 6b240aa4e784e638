/* increments.h -- for the tests of collectors that can collect the old generation piece by piece, when told to. */
#ifndef TESTS_SUPPORT_INCREMENTS_H
#define TESTS_SUPPORT_INCREMENTS_H

#include "runtime/gc_control.h"
#include "tests/support/suite.h"

/* A heap with gc=incremental that collects only when told.  Skips the test where the plan has no such option. */
struct gc_mutator *increments_begin(size_t heap_bytes);
void increments_end(struct gc_mutator *m);

/* One increment, or the collection of all generations; returns how many objects were found dead. */
uint64_t increments_take(struct gc_mutator *m);
uint64_t increments_take_all(struct gc_mutator *m);

/* The second threshold, which says how large a share of the heap an increment is. */
void increments_set_threshold(struct gc_mutator *m, uint32_t threshold);

/* A ring of `length` nodes, by their `left`, one of which also refers to what `other` holds. */
gc_ref increments_new_ring(struct gc_mutator *m, uint64_t length, const gc_root *other);

/* Puts `count` new nodes in front of the list in `head`, which goes on with their `right`. */
void increments_add_nodes(struct gc_mutator *m, gc_root *head, uint64_t count);

#endif
