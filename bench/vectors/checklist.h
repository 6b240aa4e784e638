/* checklist.h -- `gclab vectors --checklist`: the statements of checklist.def, each checked now.
 *
 * Parent only.  The vectors that it plays are those of tests/vectors, as they were when gclab was built. */
#ifndef GC_BENCH_VECTORS_CHECKLIST_H
#define GC_BENCH_VECTORS_CHECKLIST_H

#include "bench/options.h"
#include "bench/vectors/trial.h"

/* Prints them all, under `performer`. */
int checklist_print(const struct options *options, struct performer *performer);

/* What a measured statement may use. */
struct checklist_question {
  const struct options *options;
  const struct script_file *vectors;
  size_t file_count;
  struct performer *performer;
};
/* A measured statement: false if it does not hold.  `said` gets what was measured. */
typedef bool checklist_measure(const struct checklist_question *question, char *said, size_t said_bytes);
checklist_measure all_collectors_agree, fixed_layouts_stay, names_have_no_type, blocks_are_resized;
checklist_measure lines_are_told, lines_are_kept; /* checklist_profile.c */

#endif
