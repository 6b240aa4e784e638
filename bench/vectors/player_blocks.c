/* player_blocks.c -- experiments of the checklist about blocks of memory: when objects take and leave them, and that an
 * object is where its block is. */
#include "bench/vectors/player_measure.h"

#include <stdio.h>

#include "runtime/cycle/heap.h"
#include "runtime/gc_usage.h"

/* Bytes of all blocks in use: a full collection counts them. */
static size_t used_bytes(struct gc_mutator *m) {
  PLAYER_(control)()->collect(m, GC_GENERATIONS - 1);
  return m->heap->config.collector->live_bytes(m->heap);
}

bool PLAYER_(blocks_come_and_go)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { SIZES = 200, STEP = 24 };
  unsigned taken = 0, left = 0;
  size_t most = 0;
  GC_ROOTS(m, r, object);
  for (size_t bytes = 0; bytes < SIZES * STEP; bytes += STEP) {
    size_t before = used_bytes(m);
    gc_set(m, &r.object, gc_alloc_raw(m, bytes));
    size_t block = used_bytes(m) - before;
    taken += block >= sizeof(struct gc_raw) + bytes && block < 2 * (sizeof(struct gc_raw) + bytes) + STEP;
    most = block > most ? block : most;
    gc_set(m, &r.object, GC_NULL);
    left += used_bytes(m) == before;
  }
  snprintf(said, said_bytes, "of %d objects of up to %d bytes %u took a block, of up to %zu, and %u left it", SIZES,
           (SIZES - 1) * STEP, taken, most, left);
  gc_frame_pop(m, &r.frame);
  return taken == SIZES && left == SIZES;
}

/* A list of pairs from `head` whose last one refers to the first, each with a weak reference to the one before it. */
static void make_ring(struct gc_mutator *m, gc_root *head, unsigned count) {
  GC_ROOTS(m, r, pair, last);
  gc_set(m, head, GC_NEW(m, mpair));
  gc_set(m, &r.last, gc_get(m, head));
  for (unsigned i = 1; i < count; i++) {
    gc_ref weak = gc_weak_new(m, head, NULL, NULL);
    gc_set(m, &r.pair, weak);
    gc_ref pair = GC_NEW(m, mpair);
    GC_INIT(m, pair, mpair, first, gc_get(m, head));
    GC_STORE(m, pair, mpair, second, gc_get(m, &r.pair));
    gc_set(m, head, pair);
  }
  GC_STORE(m, gc_get(m, &r.last), mpair, first, gc_get(m, head));
  gc_frame_pop(m, &r.frame);
}

bool PLAYER_(nothing_is_left)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { RING = 1000, LARGE_BYTES = 1 << 20 };
  size_t before = used_bytes(m);
  GC_ROOTS(m, r, ring, large, list);
  make_ring(m, &r.ring, RING);
  gc_set(m, &r.large, gc_alloc_raw(m, LARGE_BYTES));
  gc_set(m, &r.list, gc_alloc_array(m, RING));
  for (uint64_t i = 0; i < RING; i++) {
    gc_ref number = GC_NEW(m, mfloat);
    gc_array_store(m, gc_get(m, &r.list), i, number);
  }
  size_t full = used_bytes(m);
  gc_set(m, &r.large, GC_NULL);
  gc_set(m, &r.list, GC_NULL);
  gc_set(m, &r.ring, GC_NULL);
  size_t after = used_bytes(m);
  snprintf(said, said_bytes,
           "a list, a large object, and %d objects in a cycle: %zu bytes more, and %zu when they are "
           "let go",
           RING, full - before, after - before);
  gc_frame_pop(m, &r.frame);
  return full - before > LARGE_BYTES + RING * (sizeof(struct mpair) + sizeof(struct mfloat)) && after == before;
}

static uintptr_t address_of(struct gc_mutator *m, const gc_root *object) {
  return (uintptr_t)GC_DEREF(m, mpair, gc_get(m, object));
}

bool PLAYER_(identity_is_the_address)(struct gc_mutator *m, char *said, size_t said_bytes) {
  GC_ROOTS(m, r, one, other, alias);
  gc_set(m, &r.one, GC_NEW(m, mpair));
  gc_set(m, &r.other, GC_NEW(m, mpair));
  gc_set(m, &r.alias, gc_get(m, &r.one));
  uintptr_t one = address_of(m, &r.one), other = address_of(m, &r.other);
  bool same = address_of(m, &r.alias) == one && gc_same(m, gc_get(m, &r.alias), gc_get(m, &r.one));
  bool differ = one != other && !gc_same(m, gc_get(m, &r.other), gc_get(m, &r.one));
  PLAYER_(control)()->collect(m, GC_GENERATIONS - 1);
  bool stays = address_of(m, &r.one) == one;
  gc_set(m, &r.other, GC_NULL);
  gc_set(m, &r.other, GC_NEW(m, mpair));
  bool again = address_of(m, &r.other) == other;
  snprintf(said, said_bytes,
           "two names of one object %s its address, two objects %s; it %s in a collection; that of a dead one is %s",
           same ? "have" : "do not have", differ ? "have two" : "have not two", stays ? "stays" : "changes",
           again ? "the next one's" : "not the next one's");
  gc_frame_pop(m, &r.frame);
  return same && differ && stays && again;
}

/* A function with a local: `weak` gets a weak reference to what it holds; true if that lives until the end. */
static bool call(struct gc_mutator *m, gc_root *weak) {
  GC_ROOTS(m, r, local);
  gc_set(m, &r.local, GC_NEW(m, mpair));
  gc_set(m, weak, gc_weak_new(m, &r.local, NULL, NULL));
  PLAYER_(control)()->collect(m, GC_GENERATIONS - 1);
  bool lives = !gc_is_null(gc_weak_get(m, gc_get(m, weak)));
  gc_frame_pop(m, &r.frame);
  return lives;
}

bool PLAYER_(local_dies_at_return)(struct gc_mutator *m, char *said, size_t said_bytes) {
  GC_ROOTS(m, r, weak);
  bool lives = call(m, &r.weak);
  bool dead = gc_is_null(gc_weak_get(m, gc_get(m, &r.weak)));
  snprintf(said, said_bytes, "what a local holds %s until its function returns, and is %s then",
           lives ? "lives" : "dies", dead ? "dead" : "alive");
  gc_frame_pop(m, &r.frame);
  return lives && dead;
}

bool PLAYER_(loop_without_allocation)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { TIMES = 100000 };
  const struct gc_control *control = PLAYER_(control)();
  GC_ROOTS(m, r, one, other);
  gc_set(m, &r.one, GC_NEW(m, mpair));
  gc_set(m, &r.other, GC_NEW(m, mpair));
  uint32_t count = control->count(m->heap, 0);
  double bytes = gc_allocated_bytes(m);
  for (unsigned i = 0; i < TIMES; i++) {
    GC_STORE(m, gc_get(m, &r.one), mpair, first, gc_get(m, &r.other));
    gc_set(m, &r.other, GC_LOAD(m, gc_get(m, &r.one), mpair, first));
    GC_STORE(m, gc_get(m, &r.one), mpair, first, GC_NULL);
    gc_poll(m);
  }
  uint32_t counted = control->count(m->heap, 0) - count;
  bytes = gc_allocated_bytes(m) - bytes;
  gc_set(m, &r.one, GC_NEW(m, mpair)); /* one comes, one goes */
  gc_ref third = GC_NEW(m, mpair);
  GC_STORE(m, gc_get(m, &r.one), mpair, first, third);
  uint32_t more = control->count(m->heap, 0) - count;
  snprintf(said, said_bytes, "%d rounds of stores and loads: %u counted, %.0f bytes; one object more: %u counted",
           TIMES, counted, bytes, more);
  gc_frame_pop(m, &r.frame);
  return counted == 0 && bytes == 0 && more == 1;
}
