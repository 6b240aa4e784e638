/* deque.h -- one owner pushes and pops at the bottom, any number of thieves steal at the top.
 *
 * Chase and Lev (SPAA 2005) with the C11 orders of Lê, Pop, Cohen and Zappella Nardelli (PPoPP 2013), except that
 * their stand-alone fences are put on the accesses themselves, where ThreadSanitizer can see them.
 *
 *     may run beside | push   pop   steal
 *     push           |  no     no    yes      owner only
 *     pop            |  no     no    yes      owner only
 *     steal          |  yes    yes   yes
 *
 * Grows without bound; arrays that were outgrown are kept until deque_fini, since a thief may still read one.
 * Items are 64-bit words, never 0.
 * Model: tests/model/deque.pml. */
#ifndef GC_TRACE_DEQUE_H
#define GC_TRACE_DEQUE_H

#include <stdatomic.h>

#include "runtime/base/compiler.h"

struct deque_array {
  struct deque_array *outgrown; /* the previous, smaller one */
  size_t capacity;              /* a power of two */
  _Atomic uint64_t items[];
};

struct deque {
  GC_CACHE_ALIGNED _Atomic int64_t top; /* thieves, and the owner for the last item */
  GC_CACHE_ALIGNED _Atomic int64_t bottom; /* owner */
  struct deque_array *_Atomic array;
  size_t bytes;                            /* of all arrays */
};

bool deque_init(struct deque *deque);
void deque_fini(struct deque *deque);
/* Owner.  False if memory to grow was refused; nothing was pushed. */
bool deque_push(struct deque *deque, uint64_t item);
/* Owner.  0 if empty. */
uint64_t deque_pop(struct deque *deque);
/* Any thread.  0 if empty, or if another thief was faster. */
uint64_t deque_steal(struct deque *deque);

/* A hint. */
static GC_INLINE bool deque_seems_empty(struct deque *deque) {
  return atomic_load_explicit(&deque->bottom, memory_order_relaxed) <=
         atomic_load_explicit(&deque->top, memory_order_relaxed);
}

#endif
