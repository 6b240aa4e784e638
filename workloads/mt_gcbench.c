/* mt_gcbench.c -- GCBench with garbage of power-law sizes between the nodes, so that a sweep leaves holes of all sizes.
 *
 * The program is in gcbench_trees.h; every thread does the whole.  As in Whippet's mt-gcbench there is no stretch
 * tree, and a table of 256 sizes is walked in turn; the table here is drawn from the seed. */
#define GCBENCH_HOLES 1
#define GCBENCH_STRETCH 0
#include "workloads/gcbench_trees.h"

GC_WORKLOAD(.name = "mt_gcbench", .summary = "gcbench with garbage of power-law sizes between the nodes",
            .stresses = "Fragmentation: live nodes lie between holes of 0 to about 30 words, from all threads at once.",
            .source = "Whippet, benchmarks/mt-gcbench.c: p = 0.15, a table of 256 sizes, no stretch tree",
            .sharing = GC_WORK_COPIES, .types = types, .type_count = 2, .params = params,
            .small = "depth=8,array=600",
            .shared_bytes = sizeof(struct holes), .prepare = prepare, .run = run, .check = check);
