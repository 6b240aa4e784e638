/* deque.pml -- the work-stealing deque: one owner pushes and pops at the bottom, two thieves steal at the top.
 *
 * Stands for: deque_push, grow, deque_pop, deque_steal (runtime/trace/deque.c).
 * Promises:
 *   no_item_taken_twice     the owner and the thieves never get the same item
 *   no_item_from_nowhere    what is taken was pushed
 *   no_item_is_lost         when the owner finds the deque empty and the thieves are done, all items were taken
 * Memory is that of x86: the owner's stores wait in a buffer, first in first out, and a load may overtake them; a
 * sequentially consistent store, and an exchange, waits until the buffer is empty.  Thieves store by exchange only.
 * So the fence that pop needs is checked, and release and acquire as the orders of steps that they forbid to change.
 * Abstracted: arrays of 2 and 4 slots, one growth, four items; a thief fails, and tries again, without end.
 *
 * twin last_item_by_load (no_item_taken_twice): pop takes the last item without the exchange on top
 * twin pop_unfenced (no_item_taken_twice): pop's store of bottom is relaxed: its load of top overtakes it
 * twin steal_bottom_first (no_item_taken_twice): a thief loads bottom before top
 * twin steal_late_read (no_item_taken_twice): a thief reads the item after its exchange: the slot is in use again
 * twin push_bottom_first (no_item_from_nowhere): push publishes the new bottom before the item
 * twin grow_frees (no_item_from_nowhere): the outgrown array is freed while a thief may read it
 * twin pop_forgets_bottom (no_item_is_lost): a pop that finds nothing leaves bottom one too low */

#include "promise.inc"

#define ITEMS 4
#define SMALL 2                         /* capacity of the first array; the second has twice as many slots */
#define SLOT(array, index) ((array) * SMALL + (index) % (SMALL << (array)))

mtype = { BOTTOM, ITEM, ARRAY };

byte top = 1, bottom = 1;
bit array;
byte slots[3 * SMALL];                  /* of both arrays; 0: garbage */
chan buffer = [5] of { mtype, byte, byte }; /* the owner's stores, not yet in memory: what, which slot, value */

bool taken[ITEMS + 1];
bool over;                              /* the owner has pushed everything and found the deque empty */
byte thieves_done;

PROMISE(no_item_taken_twice)
PROMISE(no_item_from_nowhere)
PROMISE(no_item_is_lost)

inline take(item) {
  CHECK(no_item_from_nowhere, item != 0);
  CHECK(no_item_taken_twice, !taken[item]);
  taken[item] = true
}

active proctype memory() {
  mtype what;
  byte slot, value;
end:
  do
  :: d_step {
       buffer ? what, slot, value ->
       if
       :: what == BOTTOM -> bottom = value
       :: what == ITEM -> slots[slot] = value
       :: what == ARRAY -> array = value
       fi;
       what = 0; slot = 0; value = 0
     }
  od
}

active proctype owner() {
  byte pushed, seen_top, item, i;
  byte my_bottom = 1, my_slots[3 * SMALL]; /* what is or will be in memory: a thread sees its own stores at once */
  bit my_array;
  do
  :: pushed < ITEMS -> /* deque_push */
     atomic {
       seen_top = top;
       if
       :: my_bottom - seen_top <= (SMALL << my_array) - 1
       :: else -> /* grow */
          assert(my_array == 0);
          for (i : seen_top .. my_bottom - 1) {
            my_slots[SLOT(1, i)] = my_slots[SLOT(0, i)];
            buffer ! ITEM, SLOT(1, i), my_slots[SLOT(1, i)]
          }
          i = 0;
          my_array = 1;
          buffer ! ARRAY, 0, 1;
#ifdef TWIN_grow_frees
          empty(buffer);
          slots[0] = 0;
          slots[1] = 0
#endif
       fi
     }
     pushed++;
     atomic {
       my_slots[SLOT(my_array, my_bottom)] = pushed;
#ifdef TWIN_push_bottom_first
       buffer ! BOTTOM, 0, my_bottom + 1;
       buffer ! ITEM, SLOT(my_array, my_bottom), pushed;
#else
       buffer ! ITEM, SLOT(my_array, my_bottom), pushed;
       buffer ! BOTTOM, 0, my_bottom + 1;
#endif
       my_bottom++
     }
  :: true -> /* deque_pop */
     my_bottom--;
     buffer ! BOTTOM, 0, my_bottom;
#ifndef TWIN_pop_unfenced
     empty(buffer);
#endif
     seen_top = top;
     if
     :: seen_top > my_bottom ->
#ifndef TWIN_pop_forgets_bottom
        my_bottom++;
        buffer ! BOTTOM, 0, my_bottom;
#endif
        if
        :: pushed == ITEMS -> break
        :: pushed < ITEMS
        fi
     :: seen_top < my_bottom ->
        item = my_slots[SLOT(my_array, my_bottom)];
        take(item)
     :: seen_top == my_bottom -> /* the last item: whoever advances top has it */
        empty(buffer);
        item = my_slots[SLOT(my_array, my_bottom)];
#ifdef TWIN_last_item_by_load
        take(item);
#else
        if
        :: d_step { top == seen_top -> top++ }
           take(item)
        :: top != seen_top
        fi;
#endif
        my_bottom++;
        buffer ! BOTTOM, 0, my_bottom
     fi;
     item = 0;
     seen_top = 0
  od;
  over = true;
  thieves_done == 2;
  CHECK(no_item_is_lost, taken[1] && taken[2] && taken[3] && taken[4])
}

active [2] proctype thief() {
  byte seen_top, seen_bottom, item;
  bit seen_array;
  do
  :: over -> break
  :: !over -> /* deque_steal */
#ifdef TWIN_steal_bottom_first
     seen_bottom = bottom;
     seen_top = top;
#else
     seen_top = top;
     seen_bottom = bottom;
#endif
     if
     :: seen_top >= seen_bottom
     :: seen_top < seen_bottom ->
        seen_array = array;
#ifdef TWIN_steal_late_read
        if
        :: d_step { top == seen_top -> top++ }
           item = slots[SLOT(seen_array, seen_top)];
           take(item)
        :: top != seen_top
        fi
#else
        item = slots[SLOT(seen_array, seen_top)];
        if
        :: d_step { top == seen_top -> top++ }
           take(item)
        :: top != seen_top
        fi
#endif
     fi;
     d_step { seen_top = 0; seen_bottom = 0; seen_array = 0; item = 0 }
  od;
  thieves_done++
}
