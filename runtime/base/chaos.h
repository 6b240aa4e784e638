/* chaos.h -- random yields at marked points of concurrent code, to widen races that are rare.
 *
 * GC_CHAOS("deque.steal") compiles to nothing unless GC_CHAOS_ENABLED.  When enabled and a seed was
 * set, each passing thread may yield, spin or sleep up to 100 microseconds, by its own seeded stream.
 * Under a schedule (schedule.h) a point is a step of it instead.  GC_STEP marks points that are nothing else, since
 * they are passed too often to be disturbed. */
#ifndef GC_BASE_CHAOS_H
#define GC_BASE_CHAOS_H

#include "runtime/base/schedule.h"

#ifndef GC_CHAOS_ENABLED
#define GC_CHAOS_ENABLED 0
#endif

#if GC_CHAOS_ENABLED
#define GC_CHAOS(point) chaos_point(point)
#define GC_STEP(point) schedule_point(point)
#else
#define GC_CHAOS(point) ((void)0)
#define GC_STEP(point) ((void)0)
#endif

/* Passes one marked point.  Any thread. */
void chaos_point(const char *point);

/* Seeds all threads' streams and sets the share of points that disturb, in parts per 1024.
 * intensity 0 turns chaos off.  Call while no other thread runs. */
void chaos_set(uint64_t seed, unsigned intensity_per_1024);

/* Points passed since chaos_set, over all threads: 0 proves that a chaos test disturbed nothing. */
uint64_t chaos_points_passed(void);

#endif
