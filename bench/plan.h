/* plan.h -- every invocation of a suite in its order, fixed before the first one runs.
 *
 * <run>/plan.jsonl: the first line is {"plan": {…}}, which holds the seed of the order, the binaries and what a budget
 * has left out; each other line is an invocation, with all that is needed to run it and the key of its record.  So a
 * run can be resumed from its folder alone, and its records be checked against what was planned.
 *
 * Order: one round after the other, each case once in a round, shuffled anew: a drift of the machine meets all cases
 * alike, and a run that was stopped still holds nearly the same number of invocations of each.  Parent only. */
#ifndef GC_BENCH_PLAN_H
#define GC_BENCH_PLAN_H

#include "bench/runner.h"

enum plan_aslr { PLAN_ASLR_ON, PLAN_ASLR_OFF, PLAN_ASLR_RANDOM };

struct plan {
  struct program *programs; /* at least one */
  size_t program_count;
  struct run_case *cases; /* of each case one row for each program, one after the other */
  size_t case_count, case_capacity;
  struct run_step *steps;
  size_t step_count;
  uint64_t order_seed;
  unsigned invocations; /* of each case */
  json_t *budget;       /* what it asked for and what it cost, or NULL */
};

/* Adds a case, one row for each program; equal keys are added once.  Takes its own copies of the two choices. */
void plan_add(struct plan *plan, const struct run_case *added);
/* Fills in the steps. */
void plan_order(struct plan *plan, unsigned env_padding_bytes_max, enum plan_aslr aslr);
/* Forgets the cases and steps. */
void plan_clear(struct plan *plan);
void plan_free(struct plan *plan);

/* Both name <folder>/plan.jsonl.  plan_write returns false with errno.  plan_load takes what it does not find in the
 * file from `options`; it exits with EXIT_USAGE if the file is missing or no plan, and, unless `mixed`, if a binary
 * is no longer the one that was planned with. */
bool plan_write(const struct plan *plan, const char *folder);
void plan_load(struct plan *plan, const char *folder, const struct options *options, bool mixed);

#endif
