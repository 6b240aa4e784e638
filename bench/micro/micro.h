/* micro.h -- `gclab micro`: the price of single operations, under each plan, beside the limits.
 *
 *     gclab micro [--benchmark_filter=REGEX] …   Google Benchmark's options and output
 *     gclab micro --ratios [--rounds=N] [WORD]   the speed ratios that gclab promises, measured now (ratios.h) */
#ifndef GC_BENCH_MICRO_MICRO_H
#define GC_BENCH_MICRO_MICRO_H

/* argv[0] is a name for messages, the rest as above.  Returns an exit code; called by main, before any thread. */
int micro_main(int argc, char **argv);

#endif
