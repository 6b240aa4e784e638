/* peer.h -- gclab's programs on another memory system: the same work, written on that system's own interface.
 *
 * One executable for each system (bdwgc, glibc, mimalloc, cpython), all of them made of peer.c, the programs and that
 * system's memory.h:
 *     bdwgc PROGRAM [-t THREADS] [-i ITERATIONS] [--heap BYTES] [--gc-threads N] [--seed N] [-- name=value …]
 * prints one line of JSON.  Parameters, sizes and checks are those of the workload of that name; objects have
 * no header, since these systems have none.
 *
 * memory.h provides, for all programs (cpython's are its own, on its own interface):
 *     MEMORY_COLLECTS     whether memory_collect does anything; if not, programs free what they drop
 *     struct memory_pool  {0} on a thread's stack; new objects of one size for that thread
 *     memory_new          a zeroed object
 *     memory_array        a zeroed array that may hold references
 *     memory_plain        a zeroed array without references
 *     memory_free         only called where MEMORY_COLLECTS is 0 */
#ifndef GC_BENCH_PEERS_PEER_H
#define GC_BENCH_PEERS_PEER_H

#include "runtime/base/option.h"
#include "runtime/base/rng.h"
#include "runtime/stats/histogram.h"

#include PEER_MEMORY_HEADER

struct peer_run {
  const struct peer_program *program;
  const struct gc_value *params; /* indexed as peer_program.params */
  unsigned threads, iterations, gc_threads;
  size_t heap_bytes; /* 0: the system's own sizing */
  uint64_t seed;
  struct peer_thread *thread; /* one for each thread, in memory that the system scans as a root */
};

struct GC_CACHE_ALIGNED peer_thread {
  const struct peer_run *run;
  unsigned index;
  uint64_t start_ns;        /* of the iteration's run; the same for all threads */
  void *kept[2];            /* what the program leaves for its check */
  uint64_t sum, ops;        /* of this iteration */
  struct histogram latency; /* nanoseconds; of the last iteration */
};

struct peer_program {
  const char *name;
  const struct gc_option *params;              /* ended by a NULL name */
  void (*prepare)(struct peer_thread *thread); /* thread 0 alone; may be NULL */
  void (*run)(struct peer_thread *thread);     /* every thread at once */
  void (*check)(const struct peer_run *run);   /* after all threads; calls peer_fail if anything is wrong */
  void (*drop)(struct peer_thread *thread);    /* frees what is kept; used where MEMORY_COLLECTS is 0 */
};

extern const struct peer_program peer_gcbench, peer_binary_trees, peer_alloc, peer_mark, peer_server;
extern const struct peer_program peer_pairs, peer_lists, peer_blocks;

/* Ends the process: the program computed something wrong. */
_Noreturn void peer_fail(const char *format, ...) GC_PRINTF(1, 2);
/* Ends the process with exit status 1: the heap is full.  Called by memory.c. */
_Noreturn void peer_out_of_memory(void);

static inline int64_t peer_int(const struct peer_thread *thread, unsigned param) {
  return thread->run->params[param].integer;
}
static inline double peer_real(const struct peer_thread *thread, unsigned param) {
  return thread->run->params[param].real;
}

/* ---- what memory.c provides to peer.c ---- */

extern const char memory_system[]; /* its name and version */
/* Before any thread.  NULL, or one sentence that says why these settings cannot be had. */
const char *memory_init(size_t heap_bytes, unsigned gc_threads);
/* Zeroed memory that is a root and stays. */
void *memory_roots(size_t bytes);
void memory_collect(void);
/* Bytes the heap holds now, and collections so far; 0 where the system does not say. */
size_t memory_heap_bytes(void);
uint64_t memory_collections(void);

#endif
