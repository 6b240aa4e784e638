#include "runtime/trace/deque.h"

#include <stdlib.h>

#include "runtime/base/chaos.h"
#include "runtime/base/mutant.h"

enum { DEQUE_FIRST_CAPACITY = 1024 };

static struct deque_array *array_new(size_t capacity, struct deque_array *outgrown) {
  struct deque_array *array = malloc(sizeof *array + capacity * sizeof array->items[0]);
  if (array) {
    array->outgrown = outgrown;
    array->capacity = capacity;
  }
  return array;
}

static _Atomic uint64_t *array_slot(struct deque_array *array, int64_t index) {
  return &array->items[(size_t)index & (array->capacity - 1)];
}

bool deque_init(struct deque *deque) {
  struct deque_array *array = array_new(DEQUE_FIRST_CAPACITY, NULL);
  atomic_init(&deque->top, 1);
  atomic_init(&deque->bottom, 1);
  atomic_init(&deque->array, array);
  deque->bytes = sizeof *array + DEQUE_FIRST_CAPACITY * sizeof(uint64_t);
  return array != NULL;
}

void deque_fini(struct deque *deque) {
  struct deque_array *array = atomic_load_explicit(&deque->array, memory_order_relaxed);
  while (array) {
    struct deque_array *outgrown = array->outgrown;
    free(array);
    array = outgrown;
  }
}

static struct deque_array *grow(struct deque *deque, struct deque_array *array, int64_t top, int64_t bottom) {
  struct deque_array *larger = array_new(array->capacity * 2, array);
  if (!larger)
    return NULL;
  for (int64_t i = top; i < bottom; i++)
    atomic_store_explicit(array_slot(larger, i), atomic_load_explicit(array_slot(array, i), memory_order_relaxed),
                          memory_order_relaxed);
  deque->bytes += sizeof *larger + larger->capacity * sizeof(uint64_t);
  if (GC_MUTANT(deque_grow_unordered))
    atomic_store_explicit(&deque->array, larger, memory_order_relaxed);
  else /* release: a thief that sees the array sees its items; pairs with the acquire in deque_steal */
    atomic_store_explicit(&deque->array, larger, memory_order_release);
  return larger;
}

bool deque_push(struct deque *deque, uint64_t item) {
  int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
  int64_t top = atomic_load_explicit(&deque->top, memory_order_acquire); /* pairs with a thief's exchange */
  struct deque_array *array = atomic_load_explicit(&deque->array, memory_order_relaxed);
  if (bottom - top > (int64_t)array->capacity - 1) {
    array = grow(deque, array, top, bottom);
    if (!array)
      return false;
  }
  atomic_store_explicit(array_slot(array, bottom), item, memory_order_relaxed);
  /* release: a thief that sees the new bottom sees the item; pairs with the seq_cst load in deque_steal */
  atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
  return true;
}

uint64_t deque_pop(struct deque *deque) {
  int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed) - 1;
  struct deque_array *array = atomic_load_explicit(&deque->array, memory_order_relaxed);
  /* seq_cst store, then seq_cst load: pairs with the two loads of deque_steal, so that owner and thief cannot
   * both believe that the last item is theirs without the exchange on `top` deciding */
  if (GC_MUTANT(deque_pop_unfenced))
    atomic_store_explicit(&deque->bottom, bottom, memory_order_relaxed);
  else
    atomic_store_explicit(&deque->bottom, bottom, memory_order_seq_cst);
  GC_CHAOS("deque.pop");
  int64_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
  if (top > bottom) {
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_relaxed);
    return 0;
  }
  uint64_t item = atomic_load_explicit(array_slot(array, bottom), memory_order_relaxed);
  if (top < bottom || GC_MUTANT(deque_last_by_load))
    return item;
  /* the last item: whoever advances `top` has it */
  if (!atomic_compare_exchange_strong_explicit(&deque->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed))
    item = 0;
  atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_relaxed);
  return item;
}

uint64_t deque_steal(struct deque *deque) {
  int64_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
  GC_CHAOS("deque.steal");
  int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_seq_cst);
  if (top >= bottom)
    return 0;
  GC_CHAOS("deque.steal.some");
  struct deque_array *array = atomic_load_explicit(&deque->array, memory_order_acquire);
  uint64_t item = atomic_load_explicit(array_slot(array, top), memory_order_relaxed);
  GC_CHAOS("deque.steal.taken");
  if (!atomic_compare_exchange_strong_explicit(&deque->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed))
    return 0;
  return item;
}
