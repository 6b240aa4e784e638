/* progress.h -- how far a command is, on stderr: one line redrawn on a terminal, else a line for each finished step.
 *
 * Parent only.  The time left is the mean of finished steps times those to come, unless the caller knows better. */
#ifndef GC_BENCH_PROGRESS_H
#define GC_BENCH_PROGRESS_H

#include "runtime/base/compiler.h"

struct progress {
  unsigned total, done;
  bool terminal;
  uint64_t begin_ns, step_begin_ns, steps_ns;
  uint64_t left_ns; /* of this step and those to come, as the caller expects; 0: the mean tells */
  char step[160];
};

/* total 0: nobody knows how many steps there are. */
void progress_begin(struct progress *progress, unsigned total);
void progress_step(struct progress *progress, const char *format, ...) GC_PRINTF(2, 3);
/* Redraws; context is the struct progress. */
void progress_tick(void *context);
/* The step is over; `outcome` in a word. */
void progress_step_done(struct progress *progress, const char *outcome);
/* Clears the line, so that something else may be printed. */
void progress_clear(struct progress *progress);

#endif
