/* gang.h -- the collector's threads: run one job on several workers, share work, agree when it is done.
 *
 * Worker 0 is whichever thread drives the cycle; the others are the gang's own threads, parked between jobs.
 * gang_run offers a job: worker 0 begins at once, helpers join when they wake (at once under GANG_WAKE, else when
 * some worker has work to share), and gang_run returns when worker 0 has returned from the job and every helper
 * that joined has left it.  So a short cycle never waits for a sleeping thread.
 *
 * Termination of shared work: `busy` counts workers that may hold or create work.  A worker with none leaves
 * `busy`, and enters it again *before* it tries to steal; only busy workers push.  Hence busy == 0 implies that
 * all deques are empty, and stays so.  A helper that joins later finds nothing: the job's own shares (roots,
 * chunks) are claimed by busy workers.  After worker_refill returned false the worker may not push again.
 * Model: tests/model/gang.pml. */
#ifndef GC_TRACE_GANG_H
#define GC_TRACE_GANG_H

#include <pthread.h>

#include "runtime/heap/sidemap.h"
#include "runtime/trace/deque.h"

struct gc_heap;
struct gang;

enum { WORKER_STACK_ITEMS = 4096, WORKER_FIFO_ITEMS = 64 };

struct worker_counts {
  uint64_t objects;         /* scanned */
  uint64_t local, remote;   /* of those, on the worker's node or another; counted with several nodes only */
  uint64_t steals_local, steals_remote;
  uint64_t copied_bytes;    /* of objects that it moved; the collector adds to it */
};

/* One worker.  Everything but the deque is its own. */
struct gc_worker {
  struct gang *gang;
  struct gc_heap *heap;
  const struct heap_memory *memory;
  void *plan;                /* the plan's own data for this worker, set by the plan */
  unsigned index;
  unsigned node;
  struct sidemap marks;      /* of the running cycle, for collectors that mark beside the heap (gang_set_marks) */
  bool alone;                /* no other worker takes part in this job */
  uint32_t share_countdown;  /* pops until the next look at who is hungry */
  uint32_t shares;           /* such looks in this job */

  uint32_t stack_count;      /* private items, newest last */
  uint32_t fifo_next;
  uint64_t stack[WORKER_STACK_ITEMS];
  uint64_t fifo[WORKER_FIFO_ITEMS]; /* popped, their memory is being fetched; 0: empty */

  struct closure_order { /* closure.h: which drain order is faster on this heap, by measurement */
    bool prefetch;
    uint32_t batches;
    uint64_t ticks_per_1024_objects[2];
  } order;

  struct worker_counts counts;
  _Atomic uint64_t job_cpu_ns; /* of a helper: gang_job_cpu_ns */
  _Atomic int run_delay;       /* its thread's number (os/run_delay.h); -1: not known; of helpers */
  uint64_t run_delay_begin_ns; /* the driver's: gang_begin_run_delays */
  struct deque deque;
};

typedef void gang_job(struct gc_worker *worker);

struct gang {
  struct gc_heap *heap;
  const struct heap_memory *memory;
  unsigned count;             /* workers, worker 0 included */
  struct gc_worker **workers;
  struct gc_worker *solo;     /* runs jobs while the gang is parked in a yield */
  pthread_t *threads;         /* of workers 1 … count - 1 */

  gang_job *job;              /* published by opening the gate */
  void *argument;             /* of the job */
  _Atomic size_t next_share;  /* of the job: 0 when it starts; workers take numbers of roots, chunks, … */
  GC_CACHE_ALIGNED _Atomic uint32_t gate; /* upper bit: a job is open; below: helpers inside */
  _Atomic uint32_t serial;    /* number of jobs offered; helpers sleep on it */
  _Atomic uint32_t asleep;    /* helpers that wait for `serial` to change */
  GC_CACHE_ALIGNED _Atomic uint32_t busy; /* workers that may hold or create shared work */
  _Atomic uint32_t quit;

  /* gang_yield: worker 0 parks the others and runs something else in between */
  GC_CACHE_ALIGNED _Atomic uint32_t yield_wanted; /* set and cleared by the cycle driver, as requests come and end */
  _Atomic uint32_t parking;            /* worker 0: helpers inside are to park; not cleared by the next request */
  _Atomic uint32_t yielded;            /* helpers that have parked */
  bool (*yield)(struct gc_heap *heap); /* what worker 0 runs, and what clears yield_wanted; set by the cycle driver */
  bool nested;
};

/* `count` workers in all.  Returns false if memory or threads were refused. */
bool gang_init(struct gang *gang, struct gc_heap *heap, const struct heap_memory *memory, unsigned count);

/* The worker for serial work of the cycle's thread, between jobs. */
static GC_INLINE struct gc_worker *gang_driver(struct gang *gang) {
  return gang->nested ? gang->solo : gang->workers[0];
}
void gang_fini(struct gang *gang);

enum gang_start { GANG_LAZY, GANG_WAKE };

/* Runs `job` on worker 0 = the calling thread, and on helpers.  Cycle's thread only. */
void gang_run(struct gang *gang, enum gang_start start, gang_job *job, void *argument);

/* Wakes sleeping helpers for the open job.  Any worker. */
void gang_wake(struct gang *gang);

/* A private item for `worker`.  Spills to the deque when the private stack is full. */
void worker_spill(struct gc_worker *worker) GC_COLD;
static GC_INLINE void worker_push(struct gc_worker *worker, uint64_t item) {
  if (GC_UNLIKELY(worker->stack_count == WORKER_STACK_ITEMS))
    worker_spill(worker);
  worker->stack[worker->stack_count++] = item;
}
static GC_INLINE uint64_t worker_pop(struct gc_worker *worker) {
  return worker->stack_count ? worker->stack[--worker->stack_count] : 0;
}

/* Moves work between the private stack and where others can reach it.
 * worker_share: gives the oldest half away if somebody is hungry.
 * worker_refill: takes items from the own deque, then from others; false when all work of the job is done. */
void worker_share(struct gc_worker *worker);
bool worker_refill(struct gc_worker *worker);
/* From the own deque only; false if it is empty.  The cycle's thread between jobs. */
bool worker_refill_alone(struct gc_worker *worker);

/* A concurrent job calls this often (every few hundred objects): if the driver wants to run something with the world
 * stopped, workers park here and worker 0 runs it.  The private stack and the deque are left as they are. */
void gang_yield_slow(struct gc_worker *worker) GC_COLD;
static GC_INLINE bool gang_yield_wanted(struct gang *gang) {
  return atomic_load_explicit(&gang->yield_wanted, memory_order_relaxed) != 0;
}
static GC_INLINE void gang_yield(struct gc_worker *worker) {
  if (GC_UNLIKELY(gang_yield_wanted(worker->gang)))
    gang_yield_slow(worker);
}

/* The mark map that the workers' visits use from now on.  Between jobs. */
void gang_set_marks(struct gang *gang, const struct sidemap *marks);

/* Worker `index` in [0, count), or the solo worker for index == count: for plans that keep data by worker. */
static GC_INLINE struct gc_worker *gang_worker(struct gang *gang, unsigned index) {
  return index == gang->count ? gang->solo : gang->workers[index];
}

/* Sums over workers; quiet times only. */
struct worker_counts gang_counts(struct gang *gang);
/* CPU time of the gang's own threads so far, ns. */
uint64_t gang_cpu_ns(struct gang *gang);
/* Of that, what helpers spent in jobs that they have left, or up to where they parked: without a system call for each
 * helper, for edges of pauses. */
uint64_t gang_job_cpu_ns(const struct gang *gang);
/* How long each helper has had to wait for a processor so far; and the longest wait of any of them since.  The driving
 * thread only; a system call for each helper. */
void gang_begin_run_delays(struct gang *gang);
uint64_t gang_longest_run_delay(struct gang *gang);
size_t gang_metadata_bytes(struct gang *gang);

#endif
