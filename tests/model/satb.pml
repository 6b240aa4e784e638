/* satb.pml -- marking a snapshot beside two mutators, whose barriers are armed and whose roots are scanned one by one.
 *
 * Stands for: satb_shade, satb_before_store_slow, satb_after_weak_load, satb_hand_over (runtime/barrier/satb.c), and
 * the rows arm, armed, roots, settle, mark, remark of collectors/satb/satb.c with alloc=black.
 * Promise:
 *   reachable_is_marked     when the remark has traced what was handed over, every object that a thread or a global
 *                           reaches is marked and scanned
 * Abstracted: three objects: A and LEAF are old, NEWBORN is born during the cycle; LEAF has no field, the others and
 * the global object have one; a weak reference to LEAF.  A thread's rooted locals are a set, from which it drops at its
 * scan, since more roots allow it more.  It loads without end; the threads store STORES times in all, in any order.
 * Threads answer handshakes between operations (safepoint.pml has claimed and attached ones); thread 0 arms first, as
 * they begin alike; buffers never fill up; one worker traces (gang.pml has several).  To read a value and to shade it
 * is one step of a mutator: the value is in its hands.  Memory is sequentially consistent.
 *
 * twin unarmed (reachable_is_marked): no arm row: a thread's barrier is off until its own roots are scanned
 * twin stores_under_way (reachable_is_marked): no armed row: a thread may still be about to store when another is
 *   scanned, into a field whose new value was stored by a thread that was not armed, and shaded by nobody
 * twin old_only (reachable_is_marked): until the last thread is scanned, stores do not shade the new value
 * twin early_black (reachable_is_marked): threads allocate black from when they are armed, before they are scanned
 * twin late_barrier (reachable_is_marked): the overwritten value is read after the store
 * twin weak_unshaded (reachable_is_marked): what a weak reference yields is not shaded
 * twin kept_buffer (reachable_is_marked): the remark does not take over what is left in the threads' buffers */

#include "promise.inc"

#define STORES 2 /* 3 pass as well, in five times the time */

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

mtype = { IDLE, ARMED, SCANNED, MARKING, /* a thread's phase, or the row that takes it there */
          NOTHING, STOP, NONE };         /* other rows, and no row */

typedef set { bool has[OBJECTS] } /* has[GLOBALS]: always; has[NULL]: never */

byte field[OBJECTS];
byte colour[OBJECTS];
bool born;
byte stores_left = STORES;

set roots[2];
mtype phase[2] = IDLE;
mtype asked[2] = NONE;

PROMISE(reachable_is_marked)

#define SHADES_OLD(t) (phase[t] != IDLE)
#ifdef TWIN_old_only
#define SHADES_NEW(t) false
#else
#define SHADES_NEW(t) (phase[t] == ARMED || phase[t] == SCANNED)
#endif
#ifdef TWIN_early_black
#define ALLOCATES_BLACK(t) (phase[t] != IDLE)
#else
#define ALLOCATES_BLACK(t) (phase[t] == SCANNED || phase[t] == MARKING)
#endif

inline shade(object, grey) { /* satb_shade */
  if
  :: object != NULL && colour[object] == WHITE -> colour[object] = grey
  :: else
  fi
}

inline barrier(t) { /* satb_before_store, for the store that the thread has decided on */
  if
  :: SHADES_OLD(t) -> shade(field[object], IN_BUFFER(t))
  :: else
  fi;
  if
  :: SHADES_NEW(t) -> shade(value, IN_BUFFER(t))
  :: else
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
  :: d_step { !roots[t].has[LEAF] -> /* from the weak reference */
       roots[t].has[LEAF] = true;
#ifndef TWIN_weak_unshaded
       if
       :: phase[t] != IDLE -> shade(LEAF, IN_BUFFER(t))
       :: else
       fi
#endif
     }
  /* allocate; an initialising store needs no barrier */
  :: atomic { !born ->
       born = true;
       if
       :: roots[t].has[A] -> field[NEWBORN] = A
       :: roots[t].has[LEAF] -> field[NEWBORN] = LEAF
       :: true
       fi;
       colour[NEWBORN] = (ALLOCATES_BLACK(t) -> BLACK : WHITE);
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
#ifdef TWIN_late_barrier
       field[object] = value
     }
     d_step { barrier(t); object = NULL; value = NULL }
#else
       barrier(t)
     }
     d_step { field[object] = value; object = NULL; value = NULL }
#endif
  /* poll */
  :: d_step { asked[t] == ARMED && (t == 0 || asked[0] == NONE) -> phase[t] = ARMED; asked[t] = NONE }
  :: atomic { asked[t] == SCANNED -> /* and drop, now that it matters */
       for (object : A .. NEWBORN) {
         if
         :: roots[t].has[object] -> shade(object, IN_BUFFER(t))
         :: roots[t].has[object] = false
         fi
       }
       object = NULL;
       phase[t] = SCANNED;
       asked[t] = NONE
     }
  :: d_step { asked[t] == MARKING -> hand_over(t); phase[t] = MARKING; asked[t] = NONE }
  :: d_step { asked[t] == NOTHING -> asked[t] = NONE }
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
     d_step { shade(value, GREY); colour[object] = BLACK; value = NULL; object = NULL }
  :: d_step { colour[NEWBORN] == GREY -> object = NEWBORN; value = field[NEWBORN] }
     d_step { shade(value, GREY); colour[object] = BLACK; value = NULL; object = NULL }
  :: d_step { colour[LEAF] == GREY -> colour[LEAF] = BLACK }
  :: colour[A] != GREY && colour[LEAF] != GREY && colour[NEWBORN] != GREY -> break
  od
}

active proctype cycle() {
  byte object, value;
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
  handshake(ARMED);
#endif
#ifndef TWIN_stores_under_way
  handshake(NOTHING);
#endif
  d_step { value = field[GLOBALS]; shade(value, GREY); value = NULL } /* shade_shared */
  handshake(SCANNED);
  handshake(MARKING);
  trace_grey();

  handshake(STOP);
#ifndef TWIN_kept_buffer
  d_step { hand_over(0); hand_over(1) }
#endif
  trace_grey();

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
