/* schedule.h -- replayable schedules: one thread runs at a time, and a seed decides which.
 *
 * After Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic guarantees of
 * finding bugs" (ASPLOS 2010): each thread has a random priority and the highest that can run does; at `depth` randomly
 * chosen steps the running thread falls below all others.  A step is one passing of a marked point (GC_CHAOS), of a
 * spin, or of a call of pthreads, which the linker routes here (schedule_wrap.c).
 *
 * Threads that wait sleep until somebody wakes their address or their time has come; time is counted in steps, and
 * jumps when all sleep.  When all sleep without end, that is a deadlock: it is said, and the process aborts; so is the
 * end of `limit` steps.
 * Invariant: exactly one scheduled thread runs, the holder of the baton, and only it touches the schedule's state.
 * Same seed, same program, same addresses: the same steps, hence the same hash.
 * Compiled in with GC_CHAOS_ENABLED; a thread that was not started under a schedule is not scheduled. */
#ifndef GC_BASE_SCHEDULE_H
#define GC_BASE_SCHEDULE_H

#include "runtime/base/compiler.h"

enum { SCHEDULE_STEP_NS = 1000, SCHEDULE_DEPTH_MAX = 1024 };

struct schedule_options {
  uint64_t seed;
  uint64_t steps;  /* among the first so many the priorities change; 0: 100 000 */
  unsigned depth;  /* so many changes, at most SCHEDULE_DEPTH_MAX; 0: drawn from the seed */
  uint64_t limit;  /* abort after so many; 0: 50 million */
  const char *log; /* path: a line for every step; NULL: none */
};

struct schedule_result {
  uint64_t steps, switches, hash;
  unsigned threads, depth;
};

#if GC_CHAOS_ENABLED
/* Whether the calling thread is scheduled. */
bool schedule_is_on(void);

/* The calling thread becomes the first one scheduled; threads that scheduled threads start are, too. */
void schedule_begin(const struct schedule_options *options);
/* The caller is the last one left.  Also mid-way, for a report: the steps so far. */
struct schedule_result schedule_so_far(void);

/* A step.  `point` names it in the log and in the hash. */
void schedule_point(const char *point);
/* A step of a loop that goes on only after another thread did something. */
void schedule_spin(void);
/* Sleeps until schedule_wake(address), at most for `steps` (UINT64_MAX: without end). */
void schedule_sleep(const char *point, const void *address, uint64_t steps);
void schedule_wake(const void *address);

/* Virtual nanoseconds. */
uint64_t schedule_now_ns(void);

/* For who starts threads: the new thread's number, taken by its starter; then by itself, first and last. */
unsigned schedule_thread_started(void);
void schedule_thread_begins(unsigned number);
void schedule_thread_ends(void);
/* What schedule_thread_ends wakes. */
const void *schedule_thread_address(unsigned number);
bool schedule_thread_has_ended(unsigned number);
#else
static GC_INLINE bool schedule_is_on(void) { return false; }
static GC_INLINE void schedule_spin(void) {}
static GC_INLINE void schedule_sleep(const char *point, const void *address, uint64_t steps) {
  (void)point, (void)address, (void)steps;
}
static GC_INLINE void schedule_wake(const void *address) { (void)address; }
static GC_INLINE uint64_t schedule_now_ns(void) { return 0; }
#endif

#endif
