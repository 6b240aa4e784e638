/* budget.h -- makes a plan fit the time that the user has, before the first invocation runs.
 *
 * Each case is tried once with one iteration, unless trying takes a quarter of what is left; an invocation is taken to
 * last its iterations times that.  Too long a plan gets fewer invocations, the same number of each case; if not even
 * one of each fits, the workloads at the end of the suite are left out.  The smallest heaps, which are measured once
 * for all runs, come before and are not counted.  Parent only. */
#ifndef GC_BENCH_BUDGET_H
#define GC_BENCH_BUDGET_H

#include "bench/plan.h"

/* "90s", "10m", "1.5h" or "600" (seconds).  False if it is none of them, or not above 0. */
bool budget_parse(const char *text, double *seconds);

/* The largest number of invocations, at most `asked`, for which all cases, `sum_ns` for one invocation of each, take
 * no more than `left_ns`. */
unsigned budget_invocations(uint64_t sum_ns, uint64_t left_ns, unsigned asked);

/* Exits with EXIT_USAGE if --budget is no time. */
double budget_read(const char *text);

/* Before plan_order: sets plan->invocations, plan->budget and the cases' estimates, may take cases out, and says so on
 * stderr.  False if interrupted.  Exits with EXIT_USAGE if not even one workload fits. */
bool budget_fit(struct plan *plan, const char *text, uint64_t begin_ns);

#endif
