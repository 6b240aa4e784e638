/* gcbench.c -- perfect binary trees of all sizes, top-down and bottom-up, beside a tree and an array that stay.
 *
 * The program is in gcbench_trees.h; every thread does the whole.  Published constants: stretch tree 18, long-lived
 * tree 16, 500 000 doubles, depths 4 to 16. */
#define GCBENCH_HOLES 0
#define GCBENCH_STRETCH 1
#include "workloads/gcbench_trees.h"

GC_WORKLOAD(.name = "gcbench", .summary = "binary trees of all sizes beside a tree and an array that stay",
            .stresses = "Lifetime against size: each depth allocates as much, in ever fewer and longer-lived trees. "
                        "The top-down half stores into older nodes.",
            .source = "Ellis, Kovac and Boehm, GCBench; the constants of the Java and C versions",
            .sharing = GC_WORK_COPIES, .types = types, .type_count = 2, .params = params,
            .small = "depth=8,array=600", .prepare = prepare,
            .run = run, .check = check);
