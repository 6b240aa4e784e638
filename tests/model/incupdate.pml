/* incupdate.pml -- marking with a barrier that shades new values: it ends once roots are scanned again at a stop.
 *
 * Stands for: satb_before_store_slow with SATB_NEW (runtime/barrier/satb.c); hand_over, catch_up and remark of
 * collectors/satb/satb.c with alloc=white.  There old values are shaded too; here they are not, since for what is
 * reachable at the end Dijkstra's half, with roots scanned again, has to suffice by itself.
 * Promises:
 *   reachable_is_marked     when the remark has scanned all roots again and traced, every object that a thread or a
 *                           global reaches is marked and scanned
 * progress: catching up ends: a round that marked nothing is the last
 * Abstracted: as in satb.pml, without the weak reference; rounds are not limited.
 *
 * twin unarmed (reachable_is_marked): no arm row: the globals are scanned while some thread's barrier is off
 * twin roots_once (reachable_is_marked): the remark does not scan the threads' roots again
 * twin quiet_round_ends (reachable_is_marked): the cycle ends after a round that marked nothing, without a remark
 * twin kept_buffer (reachable_is_marked): the remark does not take over what is left in the threads' buffers
 * twin never_quiet (endless): a round that marked nothing is followed by another
 * twin old_only (reachable_is_marked): stores shade the old value in place of the new one */

#include "promise.inc"

#ifdef SMALL
#define STORES 1
#else
#define STORES 2
#endif

#define NULL 0
#define A 1
#define LEAF 2
#define NEWBORN 3
#define GLOBALS 4
#define OBJECTS 5

/* An object's colour: white; grey and handed over; black; or grey in the buffer of thread t. */
#define WHITE 0
#define GREY 1
#define BLACK 2
#define IN_BUFFER(t) (3 + (t))

mtype = { ARM, SCAN, STOP, NONE }; /* what a thread is asked for: rows, and no row */

typedef set { bool has[OBJECTS] } /* has[GLOBALS]: always; has[NULL]: never */

byte field[OBJECTS];
byte colour[OBJECTS];
bool born;
byte stores_left = STORES;

set roots[2];
bool armed[2];
mtype asked[2] = NONE;

PROMISE(reachable_is_marked)

inline shade(object, grey) { /* satb_shade */
  if
  :: object != NULL && colour[object] == WHITE -> colour[object] = grey
  :: else
  fi
}

inline barrier(t) { /* satb_before_store, for the store that the thread has decided on */
  if
#ifdef TWIN_old_only
  :: armed[t] -> shade(field[object], IN_BUFFER(t))
#else
  :: armed[t] -> shade(value, IN_BUFFER(t))
#endif
  :: !armed[t]
  fi
}

inline hand_over(t) { /* satb_hand_over */
  for (object : A .. NEWBORN) {
    if
    :: colour[object] == IN_BUFFER(t) -> colour[object] = GREY
    :: else
    fi
  }
  object = NULL
}

proctype mutator(bit t) {
  byte object, value;
  do
  /* load, from any object that it has */
  :: atomic { roots[t].has[A] && field[A] != NULL && !roots[t].has[field[A]] -> roots[t].has[field[A]] = true }
  :: atomic { roots[t].has[NEWBORN] && field[NEWBORN] != NULL && !roots[t].has[field[NEWBORN]] ->
       roots[t].has[field[NEWBORN]] = true }
  :: atomic { field[GLOBALS] != NULL && !roots[t].has[field[GLOBALS]] -> roots[t].has[field[GLOBALS]] = true }
  /* allocate; an initialising store needs no barrier */
  :: atomic { !born ->
       born = true;
       if
       :: roots[t].has[A] -> field[NEWBORN] = A
       :: roots[t].has[LEAF] -> field[NEWBORN] = LEAF
       :: true
       fi;
       roots[t].has[NEWBORN] = true
     }
  /* store any root, or null, into a field of any object that it has */
  :: atomic { stores_left > 0 ->
       stores_left--;
       if
       :: roots[t].has[A] -> object = A
       :: roots[t].has[NEWBORN] -> object = NEWBORN
       :: true -> object = GLOBALS
       fi;
       if
       :: roots[t].has[A] && object != A -> value = A
       :: roots[t].has[LEAF] -> value = LEAF
       :: roots[t].has[NEWBORN] && object != NEWBORN -> value = NEWBORN
       :: true -> value = NULL
       fi;
       barrier(t)
     }
     d_step { field[object] = value; object = NULL; value = NULL }
  /* poll */
  :: d_step { asked[t] == ARM && (t == 0 || asked[0] == NONE) -> armed[t] = true; asked[t] = NONE }
  :: atomic { asked[t] == SCAN -> /* and drop, now that it matters */
       for (object : A .. NEWBORN) {
         if
         :: roots[t].has[object] -> shade(object, IN_BUFFER(t))
         :: roots[t].has[object] = false
         fi
       }
       object = NULL;
       hand_over(t);
       armed[t] = true; /* twin unarmed; else it is */
       asked[t] = NONE
     }
  :: d_step { asked[t] == STOP -> asked[t] = NONE } break
  od
}

inline handshake(row) {
  atomic { asked[0] = row; asked[1] = row }
  asked[0] == NONE && asked[1] == NONE
}

/* Scans grey objects until there are none.  To read a field and to mark what it held are two steps. */
inline trace_grey() {
  do
  :: d_step { colour[A] == GREY -> object = A; value = field[A] }
     d_step { shade(value, GREY); colour[object] = BLACK; marked++; value = NULL; object = NULL }
  :: d_step { colour[NEWBORN] == GREY -> object = NEWBORN; value = field[NEWBORN] }
     d_step { shade(value, GREY); colour[object] = BLACK; marked++; value = NULL; object = NULL }
  :: d_step { colour[LEAF] == GREY -> colour[LEAF] = BLACK; marked++ }
  :: colour[A] != GREY && colour[LEAF] != GREY && colour[NEWBORN] != GREY -> break
  od
}

active proctype cycle() {
  byte object, value, marked;
  mtype row = SCAN;
  set reached;

  atomic {
    if
    :: field[GLOBALS] = A
    :: true
    fi;
    if
    :: field[A] = LEAF
    :: true
    fi;
    roots[0].has[A] = true; roots[0].has[LEAF] = true;
    roots[1].has[A] = true; roots[1].has[LEAF] = true;
    run mutator(0);
    run mutator(1)
  }

#ifndef TWIN_unarmed
  handshake(ARM);
#endif
  d_step { value = field[GLOBALS]; shade(value, GREY); value = NULL } /* shade_shared */
  do
  :: true ->
     handshake(row); /* SCAN: roots, then catch up, which scans them again; STOP: remark */
     if
#ifndef TWIN_quiet_round_ends
     :: row == STOP ->
#ifndef TWIN_roots_once
        atomic {
          for (object : A .. NEWBORN) {
            if
            :: roots[0].has[object] || roots[1].has[object] -> shade(object, GREY)
            :: else
            fi
          }
        }
#endif
#ifndef TWIN_kept_buffer
        atomic { hand_over(0); hand_over(1) }
#endif
#endif
     :: else
     fi;
     trace_grey();
     if
     :: row == STOP -> break
#ifdef TWIN_never_quiet
     :: row == SCAN -> marked = 0
#else
     :: row == SCAN && marked > 0 -> marked = 0
     :: row == SCAN && marked == 0 -> row = STOP
#endif
     fi
  od;

  atomic {
    reached.has[field[GLOBALS]] = true;
    for (object : A .. NEWBORN) {
      reached.has[object] = reached.has[object] || roots[0].has[object] || roots[1].has[object]
    }
    for (value : 1 .. 2) { /* from A to NEWBORN, or the other way, and on */
      reached.has[field[A]] = reached.has[field[A]] || reached.has[A];
      reached.has[field[NEWBORN]] = reached.has[field[NEWBORN]] || reached.has[NEWBORN]
    }
  }
  CHECK(reachable_is_marked, (!reached.has[A] || colour[A] == BLACK) &&
                             (!reached.has[LEAF] || colour[LEAF] == BLACK) &&
                             (!reached.has[NEWBORN] || colour[NEWBORN] == BLACK))
}
