/* inspect.h -- what runtime/tools tells of an invocation: --profile, --leaks, --snapshot.
 *
 * The invocation's process looks when `run` of an iteration has ended, before `check` and outside what is measured, and
 * writes into its folder, for people (.txt, 80 columns) and for programs:
 *
 *   profile.txt .csv .folded    lines that allocate; .folded: a line for each call stack, "outer;inner;type bytes",
 *                               from which the report draws flames
 *   snapshot.txt .csv           what is alive at the end of the last iteration, by type, and what changed since the
 *   snapshot_lines.csv          end of the first; with a profile also by the lines that made it
 *   leaks.txt                   what grew between the two, with its line and path; and open files and sockets that
 *                               only dead objects held
 *
 * The parent prints the .txt files of a pair's first invocation.  One thread. */
#ifndef GC_BENCH_INSPECT_H
#define GC_BENCH_INSPECT_H

#include <stdio.h>

#include "bench/subject.h"
#include "runtime/tools/profile.h"

struct gc_snapshot;

struct inspection {
  const struct options *options;
  const char *folder;                        /* NULL: nothing is wanted, and all functions do nothing */
  struct profile *profile;                   /* also without --profile, for the sites of leaks */
  struct gc_snapshot *early, *early_settled; /* of --snapshot; of --leaks: after a full collection */
};

/* Before the heap is created.  `checked`: the pair's form.  False if memory is refused. */
bool inspect_begin(struct inspection *inspection, const struct options *options, bool checked);
/* For the heap's configuration; may be NULL. */
const struct alloc_watch *inspect_watch(const struct inspection *inspection);
/* `run` of iteration `index` has ended; the other mutators wait.  May stop `m`. */
void inspect_iteration(struct inspection *inspection, struct gc_mutator *m, unsigned index);
/* After the heap was destroyed. */
void inspect_end(struct inspection *inspection);

/* Parent: whether the user wants any of it. */
bool inspect_wanted(const struct options *options);
/* Parent: exits if what is wanted cannot be had of this collector. */
void inspect_require(const struct options *options, const struct collector_choice *collector);
/* Parent: prints what the invocation has written into `folder`. */
void inspect_print(const char *folder, FILE *to);

#endif
