/* field_log.pml -- what a field held when an epoch began is entered once, by whichever thread stores first.
 *
 * Stands for: field_log_before_store, field_log_slow, try_busy, change_state, enter, field_log_arm, field_log_flush
 * (runtime/barrier/field_log.[hc]).
 * Promises:
 *   change_is_entered       at the end of an epoch, a field that no longer holds what it held at its beginning has an
 *                           entry
 *   entered_once            no field has two entries of one epoch
 *   entry_is_old            an entry holds what its field held when the epoch began
 * Abstracted: two fields, whose states share a byte, as four do in C; three mutators, of which each makes one store in
 * each of two epochs; the stops between epochs (safepoint.pml).  Memory is sequentially consistent: acquire and release
 * are checked as the orders of steps that they keep.
 *
 * twin publish_first (entry_is_old): LOGGED is published before the old value is read
 * twin no_wait (entry_is_old): who finds BUSY stores at once
 * twin no_busy (entered_once): who finds UNLOGGED reads the old value at once and enters it, without a claim
 * twin byte_by_store (deadlock): LOGGED is written by a load and a store of the byte that fields share: it brings back
 *   the BUSY of another field, for which threads then wait for ever
 * twin kept_segment (change_is_entered): the end of the epoch does not take over what a thread has not flushed
 * twin armed_beside (change_is_entered): fields are armed while mutators run, one of which has passed the test */

#include "promise.inc"

#define MUTATORS 3
#define EPOCHS 2

#define LOGGED 0
#define UNLOGGED 1
#define BUSY 3
#define STATE(field) ((states >> (2 * (field))) & 3)

byte states;         /* of both fields */
byte fields[2];      /* an object is a number */
byte at_begin[2];    /* what they held when the epoch began */
byte entries[2];     /* of this epoch: flushed, for each field */
byte ready;          /* mutators that have stopped for the end of this epoch */
byte armed;          /* epochs that have begun */

PROMISE(change_is_entered)
PROMISE(entered_once)
PROMISE(entry_is_old)

inline enter() {
  atomic {
    CHECK(entry_is_old, old == at_begin[field]);
    segment[field]++
  }
}

proctype mutator(byte self) {
  byte field;
  byte old, seen, turn;
  byte segment[2]; /* entries not flushed */
  for (turn : 1 .. EPOCHS) {
#ifdef TWIN_armed_beside
    armed >= turn || turn == 1;
#else
    armed >= turn;
#endif
    field = 0;
    if
    :: true
    :: field = 1
    fi;

    if /* field_log_before_store, field_log_slow */
    :: STATE(field) == LOGGED
    :: STATE(field) == BUSY ->
#ifndef TWIN_no_wait
       STATE(field) == LOGGED
#endif
#ifdef TWIN_no_busy
    :: atomic { STATE(field) == UNLOGGED -> old = fields[field] }
#else
    :: atomic { STATE(field) == UNLOGGED -> states = states | (BUSY << (2 * field)) } /* try_busy: one exchange */
#ifdef TWIN_publish_first
       states = states & ~(BUSY << (2 * field));
#endif
       old = fields[field];
#endif
       enter();
#ifdef TWIN_byte_by_store
       seen = states;
       states = seen & ~(BUSY << (2 * field))
#else
       states = states & ~(BUSY << (2 * field))
#endif
    fi;
    atomic {
      fields[field] = turn * 8 + self; /* a value of its own */
      old = 0;
      seen = 0
    }

    atomic { /* the world stops, and this thread's segment is flushed */
#ifndef TWIN_kept_segment
      entries[0] = entries[0] + segment[0];
      entries[1] = entries[1] + segment[1];
#endif
      segment[0] = 0;
      segment[1] = 0;
      ready++
    }
  }
}

active proctype cycle() {
  byte turn;
  byte field;
  atomic {
    run mutator(1);
    run mutator(2);
    run mutator(3)
  }
  for (turn : 1 .. EPOCHS) {
    atomic { /* field_log_arm, the world stopped */
      for (field : 0 .. 1) {
        at_begin[field] = fields[field];
        entries[field] = 0;
        states = states | (UNLOGGED << (2 * field))
      }
      field = 0;
      armed = turn
    }
    ready == MUTATORS;
    ready = 0;
    CHECK(entered_once, entries[0] <= 1 && entries[1] <= 1);
    CHECK(change_is_entered, (fields[0] == at_begin[0] || entries[0] > 0) &&
                             (fields[1] == at_begin[1] || entries[1] > 0))
  }
}
