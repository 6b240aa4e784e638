/* generate.h -- random scripts in which every operation of the format occurs; the same seed makes the same script.
 *
 * A script is valid by construction: its paths lead somewhere, under whatever finalizers do (graph.h).  What it asks
 * can be told from the format alone; left out are what depends on how CPython is built inside:
 *   - automatic collection is enabled for autoalloc alone, which begins with a full collection;
 *   - autoalloc stands in no script with weak dictionaries, which are made of several tracked objects, and after no
 *     unfreeze, which thaws objects of the interpreter too: both would count for the quarter rule;
 *   - chains that are long enough for CPython to postpone deaths hold nothing but their own members. */
#ifndef GC_BENCH_VECTORS_GENERATE_H
#define GC_BENCH_VECTORS_GENERATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Writes script `number` of `seed`; its results are `?`.  `graph_only`: without what depends on when or in what order
 * objects die: actions, callbacks, legacy finalizers, settings, automatic collection. */
void generate_script(uint64_t seed, uint64_t number, bool graph_only, FILE *out);

#endif
