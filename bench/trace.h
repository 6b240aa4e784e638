/* trace.h -- `gclab trace`: what happened when in one invocation, as a file for ui.perfetto.dev or chrome://tracing.
 *
 * The parent launches the invocation with --trace-file; the invocation's process writes the file at its end, also an
 * early one, from the buffers of runtime/stats/events.h. */
#ifndef GC_BENCH_TRACE_H
#define GC_BENCH_TRACE_H

#include "bench/options.h"

/* Parent.  Returns the exit code. */
int command_trace(struct options *options);

/* The invocation.  Chrome's JSON: a lane for each thread, for each phase and for pauses; an arrow from each request to
 * stop to the threads that stop for it; heap and metadata as counters.  False, with errno, if it cannot be written. */
bool trace_write(const char *path, const char *title);

/* `gclab help probes`. */
void trace_help_probes(void);

#endif
