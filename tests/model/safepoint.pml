/* safepoint.pml -- the driver stops all mutators, or has an action run for each, while they attach, block and detach.
 *
 * Stands for: safepoint_attach, safepoint_detach, safepoint_stop, safepoint_resume, safepoint_handshake, claim,
 * mutator_poll_slow, mutator_block, mutator_unblock, become_running (runtime/mutator/safepoint.c); the heap's phase, as
 * set_heap_phase and mutator_init of collectors/satb/satb.c use it; mutator_flush.
 * Promises:
 *   stopped_is_stopped      while the world is stopped no mutator is in the heap
 *   claimed_is_out          who acts for a claimed mutator finds its owner out of the heap
 *   action_ran_once         when a handshake ends, its action has run once for every mutator on the list
 *   phase_is_the_heaps      between handshakes every attached mutator is in the heap's phase
 *   list_is_still           the driver meets nobody on the list who has left
 *   no_item_is_lost         what mutators had in their buffers is collected when they stop or detach
 *   and no deadlock.
 * Abstracted: waiting is a guard: in C it is a loop that looks again within a millisecond, whatever it was told.  What
 * runs under the lock is one step.  OPERATIONS handshakes or stops, in any order; each mutator lives once and works,
 * blocks or polls WORKS times; a buffer holds one item, and a mutator adds to it when it works.  Memory is
 * sequentially consistent, as the accesses to state and stopping are in C.
 * progress: every stop, handshake, attach, detach and unblock ends
 *
 * twin unclaimed_by_store (claimed_is_out): a blocked mutator becomes running by a store, not an exchange
 * twin acknowledge_first (action_ran_once): a poll acknowledges the handshake before it runs the action
 * twin claim_acts_again (action_ran_once): the driver does not look again whether the claimed one has acknowledged
 * twin attach_at_once (stopped_is_stopped): a thread attaches while the driver holds the list
 * twin detach_at_once (list_is_still): a thread leaves the list while the driver holds it
 * twin detach_running (deadlock): a detaching thread waits for the list without being blocked
 * twin detach_keeps_buffer (no_item_is_lost): a thread that detaches with a full buffer takes it along
 * twin phase_afterwards (phase_is_the_heaps): the heap's phase is advanced after the handshake, not before */

#include "promise.inc"

#define MUTATORS 2
#define OPERATIONS 2
#ifdef SMALL
#define WORKS 1
#else
#define WORKS 2
#endif

mtype = { RUNNING, BLOCKED, CLAIMED };

/* a mutator's part */
mtype state[MUTATORS];
bool poll_handshake[MUTATORS], poll_stop[MUTATORS];
byte handshake_done[MUTATORS];
bool attached[MUTATORS];
byte phase[MUTATORS];
byte buffer[MUTATORS];

/* the safepoint's */
bool busy, stopping;
byte handshake_number, heap_phase;

/* seen by nobody */
bool in_heap[MUTATORS], listed[MUTATORS];
bool stopped;
byte runs[MUTATORS];
byte given, collected, departed;

PROMISE(stopped_is_stopped)
PROMISE(claimed_is_out)
PROMISE(action_ran_once)
PROMISE(phase_is_the_heaps)
PROMISE(list_is_still)
PROMISE(no_item_is_lost)

/* The action of handshake n: to enter phase n. */
inline act(m, n) {
  phase[m] = n;
  runs[m]++
}

inline flush(m) {
  atomic { collected = collected + buffer[m]; buffer[m] = 0 }
}

inline run_pending_action() {
  seen_number = handshake_number;
  if
  :: handshake_done[m] == seen_number
  :: handshake_done[m] != seen_number ->
#ifdef TWIN_acknowledge_first
     handshake_done[m] = seen_number;
     act(m, seen_number)
#else
     act(m, seen_number);
     handshake_done[m] = seen_number
#endif
  fi;
  seen_number = 0
}

inline become_running() {
  do
  :: !stopping ->
#ifdef TWIN_unclaimed_by_store
     state[m] = RUNNING;
#else
     atomic { state[m] == BLOCKED -> state[m] = RUNNING }
#endif
     if
     :: !stopping -> break
     :: stopping -> state[m] = BLOCKED
     fi
  od
}

proctype mutator(bit m) {
  byte works_left = WORKS, seen_number;
  bool seen_handshake, seen_stop;

  atomic { /* safepoint_attach */
#ifndef TWIN_attach_at_once
    !busy;
#endif
    state[m] = RUNNING;
    handshake_done[m] = handshake_number;
    attached[m] = true;
    phase[m] = heap_phase
  }

  do
  :: works_left > 0 -> /* work */
     works_left--;
     atomic { CHECK(stopped_is_stopped, !stopped); in_heap[m] = true; given++; buffer[m]++ }
     in_heap[m] = false
  :: works_left > 0 -> /* mutator_block, mutator_unblock */
     works_left--;
     state[m] = BLOCKED;
     become_running()
  :: poll_handshake[m] || poll_stop[m] -> /* mutator_poll_slow */
     d_step {
       seen_handshake = poll_handshake[m];
       seen_stop = poll_stop[m];
       poll_handshake[m] = false;
       poll_stop[m] = false
     }
     if
     :: seen_handshake -> run_pending_action()
     :: !seen_handshake
     fi;
     if
     :: seen_stop && stopping -> /* stop_here */
        state[m] = BLOCKED;
        become_running()
     :: !(seen_stop && stopping)
     fi;
     atomic { seen_handshake = false; seen_stop = false }
  :: works_left == 0 -> break
  od;

  /* safepoint_detach */
#ifndef TWIN_detach_running
  state[m] = BLOCKED;
#endif
  atomic {
#ifndef TWIN_detach_at_once
    !busy;
#endif
#ifndef TWIN_detach_keeps_buffer
    flush(m);
#endif
    attached[m] = false;
    departed++
  }
}

inline hold_list() {
  atomic { busy = true; listed[0] = attached[0]; listed[1] = attached[1]; runs[0] = 0; runs[1] = 0 }
}

/* claim: waits until m is claimed; in a handshake, or has acknowledged it by itself. */
#define TRY_CLAIM atomic { state[m] == BLOCKED -> state[m] = CLAIMED; claimed = true }

inline handshake() {
#ifndef TWIN_phase_afterwards
  heap_phase = handshake_number + 1;
#endif
  hold_list();
  handshake_number++;
  for (m : 0 .. MUTATORS - 1) {
    poll_handshake[m] = poll_handshake[m] || listed[m]
  }
  for (m : 0 .. MUTATORS - 1) {
    if
    :: listed[m] ->
       if
       :: handshake_done[m] == handshake_number
       :: TRY_CLAIM
       fi;
       CHECK(list_is_still, attached[m]);
       if
       :: claimed ->
          CHECK(claimed_is_out, !in_heap[m] && state[m] == CLAIMED);
#ifdef TWIN_claim_acts_again
          act(m, handshake_number);
          handshake_done[m] = handshake_number;
#else
          if
          :: handshake_done[m] != handshake_number ->
             act(m, handshake_number);
             handshake_done[m] = handshake_number
          :: handshake_done[m] == handshake_number
          fi;
#endif
          CHECK(claimed_is_out, !in_heap[m] && state[m] == CLAIMED);
          atomic { state[m] = BLOCKED; claimed = false }
       :: !claimed
       fi
    :: !listed[m]
    fi
  }
  CHECK(action_ran_once, (!listed[0] || runs[0] == 1) && (!listed[1] || runs[1] == 1));
  busy = false;
#ifdef TWIN_phase_afterwards
  heap_phase = handshake_number;
#endif
  CHECK(phase_is_the_heaps, (!attached[0] || phase[0] == heap_phase) && (!attached[1] || phase[1] == heap_phase))
}

inline stop_and_resume() {
  hold_list();
  stopping = true;
  for (m : 0 .. MUTATORS - 1) {
    poll_stop[m] = poll_stop[m] || listed[m]
  }
  for (m : 0 .. MUTATORS - 1) {
    if
    :: listed[m] -> TRY_CLAIM; CHECK(list_is_still, attached[m])
    :: !listed[m]
    fi
  }
  atomic { stopped = true; claimed = false }
  CHECK(stopped_is_stopped, !in_heap[0] && !in_heap[1]);
  for (m : 0 .. MUTATORS - 1) { /* pause_open of cycle.c */
    if
    :: listed[m] -> flush(m)
    :: !listed[m]
    fi
  }
  stopped = false;
  for (m : 0 .. MUTATORS - 1) {
    if
    :: listed[m] -> state[m] = BLOCKED
    :: !listed[m]
    fi
  }
  stopping = false;
  busy = false
}

active proctype driver() {
  byte operations_left = OPERATIONS, m;
  bool claimed;
  atomic {
    run mutator(0);
    run mutator(1)
  }
  do
  :: operations_left > 0 -> operations_left--; handshake()
  :: operations_left > 0 -> operations_left--; stop_and_resume()
  :: operations_left == 0 -> break
  od;
  departed == MUTATORS;
  CHECK(no_item_is_lost, given == collected)
}
