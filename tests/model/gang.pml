/* gang.pml -- workers share the items of a job, agree when it is done, and park while the driver runs something else.
 *
 * Stands for: gang_run, helper_body, enter_gate, worker_share, worker_refill, gang_yield_slow, gang_fini
 * (runtime/trace/gang.c); closure_drain; take_nested and cycle_run_nested (runtime/cycle/cycle.c).
 * Promises:
 *   idle_is_done            a worker that sees `busy` 0 sees the end: no item is left, and none can come
 *   job_is_done             when gang_run returns, all items were scanned and no helper is in the job
 *   job_is_open             a helper runs the job that is offered, not one that has ended
 *   yield_is_alone          while the driver runs something else, every helper in the job is parked
 *   nested_is_unseen        a worker of the outer job never finds `nested` set, and takes itself for the inner one's
 *   no_request_is_erased    a request that comes as the one before ends keeps its flag
 *   and no deadlock: a helper that sleeps is woken in the end.
 * Abstracted: items are counted; the deque is deque.pml; scanning an item finds up to CHILDREN more, in all.  A worker
 * shares whenever it has two items, or not.  To look for work in all deques, to take an item from one, and to scan
 * it are one step each.  Parking and spinning are guards; a helper may sleep through a job.
 * progress: every job, every yield and every helper ends
 *
 * twin busy_afterwards (idle_is_done): a worker enters `busy` after it has stolen, not before it tries
 * twin gate_by_store (job_is_open): a helper joins by a look at the gate and an addition, not an exchange
 * twin gate_unwatched (job_is_done): gang_run does not wait for the helpers that joined
 * twin yield_ajar (yield_is_alone): the driver leaves the gate open while it waits for the helpers to park
 * twin park_on_request (deadlock): helpers park while a yield is wanted: the next request keeps them there, while the
 *   driver waits for them to go on
 * twin unpark_early (nested_is_unseen): helpers go on before `nested` is cleared
 * twin request_erased (no_request_is_erased): a request and its flag are cleared one after the other
 * twin quit_unnumbered (deadlock): gang_fini wakes helpers without a change of what they sleep on */

#include "promise.inc"

#define WORKERS 3 /* worker 0 drives */
#define SHARES 2
#define CHILDREN 1
#ifdef SMALL
#define JOBS 1
#else
#define JOBS 2
#endif
#define REQUESTS 2

byte stack[WORKERS], deque[WORKERS];

bool gate_open;
byte inside;            /* helpers: the gate's lower bits */
byte shares_left, serial, busy, yielded;
bool yield_wanted, parking, nested, quit;

bool cycle_runs, nested_wanted; /* the cycle driver's, under its lock */

/* seen by nobody */
byte children_left = CHILDREN;
bool job_runs, in_job[WORKERS], parked[WORKERS], asleep[WORKERS];

PROMISE(idle_is_done)
PROMISE(job_is_done)
PROMISE(job_is_open)
PROMISE(yield_is_alone)
PROMISE(nested_is_unseen)
PROMISE(no_request_is_erased)

#define DEQUES_EMPTY (deque[0] + deque[1] + deque[2] == 0)
#define NOTHING_LEFT (DEQUES_EMPTY && stack[0] + stack[1] + stack[2] + shares_left == 0)

#ifdef TWIN_park_on_request
#define PARKING yield_wanted
#else
#define PARKING parking
#endif

inline take_nested() {
  nested = true;
  CHECK(yield_is_alone, in_job[1] == parked[1] && in_job[2] == parked[2]);
#ifdef TWIN_request_erased
  nested_wanted = false;
  yield_wanted = false;
#else
  atomic { nested_wanted = false; yield_wanted = false }
#endif
#ifdef TWIN_unpark_early
  parking = false;
#endif
  nested = false;
  CHECK(no_request_is_erased, !nested_wanted || yield_wanted)
}

/* gang_yield_slow of the driver, and of a helper */
inline yield_driver() {
#ifndef TWIN_yield_ajar
  gate_open = false;
#endif
  parking = true;
  yielded >= inside;
  take_nested();
  parking = false;
  yielded == 0;
  gate_open = true
}

inline yield_helper() {
  atomic { yielded++; parked[self] = true }
  atomic { !PARKING -> parked[self] = false }
  yielded--
}

/* Whether there was something to take. */
inline steal_one() {
  if
  :: atomic { self != 0 && deque[0] > 0 -> deque[0]--; stack[self]++; got = true }
  :: atomic { self != 1 && deque[1] > 0 -> deque[1]--; stack[self]++; got = true }
  :: atomic { self != 2 && deque[2] > 0 -> deque[2]--; stack[self]++; got = true }
  :: DEQUES_EMPTY -> got = false
  fi
}

/* worker_refill, without the own deque: whether there is work. */
inline refill_from_others() {
  CHECK(nested_is_unseen, !nested); /* or it would return without leaving busy */
  steal_one();
  if
  :: got
  :: !got ->
     busy--;
     do
     :: self == 0 && yield_wanted -> yield_driver()
     :: self != 0 && yield_wanted && PARKING -> yield_helper()
     :: !DEQUES_EMPTY ->
#ifdef TWIN_busy_afterwards
        steal_one();
        if
        :: got -> busy++; break
        :: !got
        fi
#else
        busy++;
        steal_one();
        if
        :: got -> break
        :: !got -> busy--
        fi
#endif
     :: busy == 0 -> CHECK(idle_is_done, NOTHING_LEFT); break
     od
  fi
}

inline wake_all() {
  atomic { asleep[1] = false; asleep[2] = false }
}

proctype worker(byte self) {
  byte served, jobs_left = JOBS;
  bool got;

idle:
  if
  :: self == 0 && jobs_left > 0 -> /* gang_run */
     atomic { jobs_left--; shares_left = SHARES; busy = 1; job_runs = true; cycle_runs = true }
     gate_open = true;
     serial++;
     if
     :: wake_all()
     :: true
     fi
  :: self == 0 && jobs_left == 0 -> /* the end of the cycle, gang_fini */
     atomic { cycle_runs = false; nested_wanted = false; yield_wanted = false }
     quit = true;
#ifndef TWIN_quit_unnumbered
     serial++;
#endif
     wake_all();
     goto gone
  :: self != 0 && quit -> goto gone /* helper_body */
  :: self != 0 && !quit && serial == served ->
     atomic {
       if
       :: serial == served -> asleep[self] = true
       :: serial != served
       fi
     }
     !asleep[self];
     goto idle
  :: atomic { self != 0 && !quit && serial != served -> served = serial }
     if
#ifdef TWIN_gate_by_store
     :: gate_open -> inside++
#else
     :: atomic { gate_open -> inside++ }
#endif
     :: !gate_open -> goto idle
     fi;
     atomic { CHECK(job_is_open, job_runs); in_job[self] = true }
     busy++
  fi;

  /* the job: seeds, then closure_drain */
  do
  :: atomic { shares_left > 0 -> shares_left--; stack[self]++ }
  :: shares_left == 0 -> break
  od;
  do
  :: stack[self] > 0 -> /* scan an item */
     atomic {
       if
       :: stack[self]--
       :: children_left > 0 -> children_left--
       fi
     }
  :: atomic { stack[self] > 1 -> stack[self]--; deque[self]++ } /* worker_share */
  :: self == 0 && yield_wanted -> yield_driver()
  :: self != 0 && yield_wanted && PARKING -> yield_helper()
  :: atomic { stack[self] == 0 && deque[self] > 0 -> deque[self]--; stack[self]++ }
  :: stack[self] == 0 && deque[self] == 0 ->
     refill_from_others();
     if
     :: got -> got = false
     :: !got -> break
     fi
  od;

  if
  :: self == 0 ->
     gate_open = false;
     atomic {
#ifndef TWIN_gate_unwatched
       inside == 0;
#endif
       CHECK(job_is_done, NOTHING_LEFT && !in_job[1] && !in_job[2]);
       job_runs = false
     }
     if /* run_row */
     :: nested_wanted -> take_nested()
     :: !nested_wanted
     fi
  :: self != 0 ->
     in_job[self] = false;
     inside--
  fi;
  goto idle;
gone:
}

active proctype requester() { /* cycle_run_nested */
  byte requests_left = REQUESTS;
  do
  :: requests_left > 0 ->
     requests_left--;
     if
     :: atomic { cycle_runs -> nested_wanted = true; yield_wanted = true }
        !nested_wanted
     :: quit
     fi
  :: requests_left == 0 -> break
  od
}

init {
  atomic { run worker(0); run worker(1); run worker(2) }
}
