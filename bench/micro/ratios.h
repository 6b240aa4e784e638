/* ratios.h -- `gclab micro --ratios`: what gclab promises about its speed, measured now on this machine.
 *
 * Each promise compares two figures, ours and one to hold against: a limit loop (limits.h), the same loop without a
 * poll, or the same program on bdwgc or CPython (build/peers, which must have been built).  The two are measured in
 * turn, `rounds` times; the ratio of a round is the outcome, its median the verdict, its quartiles the spread.  The
 * process binds itself and its children to one processor, and every collector gets one thread. */
#ifndef GC_BENCH_MICRO_RATIOS_H
#define GC_BENCH_MICRO_RATIOS_H

/* argv as for micro_main.  Returns an exit code: EXIT_RUNS_FAILED if a promise does not hold. */
int ratios_main(int argc, char **argv);

#endif
