/* player_pools.c -- experiments of the checklist about where small objects lie, and what comes back of their memory.
 *
 * Seen from outside: by the addresses of objects, which nobody moves, and by the resident memory of the process. */
#include "bench/vectors/player_measure.h"

#include <stdio.h>
#include <string.h>

enum { POOL_BYTES_EXPECTED = 16384, SMALL_BYTES = 512, REGIONS = 4096 };
static const uintptr_t arena_bytes = (uintptr_t)1 << 20;

/* A new object of `bytes` altogether, at place `at` of the array in `objects`; its address. */
static uintptr_t place(struct gc_mutator *m, const gc_root *objects, uint64_t at, size_t bytes) {
  gc_ref object = gc_alloc_raw(m, bytes - sizeof(struct gc_raw));
  gc_array_store(m, gc_get(m, objects), at, object);
  return (uintptr_t)GC_DEREF(m, gc_raw, object);
}

/* What lies between two of some objects of `bytes` that are next to each other. */
static uintptr_t stride_of(struct gc_mutator *m, const gc_root *objects, size_t bytes) {
  enum { SOME = 8 };
  uintptr_t before = place(m, objects, 0, bytes), least = UINTPTR_MAX;
  for (uint64_t i = 1; i < SOME; i++) {
    uintptr_t address = place(m, objects, i, bytes), distance = address > before ? address - before : before - address;
    least = distance < least ? distance : least;
    before = address;
  }
  return least;
}

/* The most objects of 16 bytes in one aligned stretch of a pool's size. */
static unsigned blocks_in_pool(struct gc_mutator *m, const gc_root *objects) {
  unsigned most = 0, here = 0;
  uintptr_t pool = 0;
  for (uint64_t i = 0; i < 5000; i++) {
    uintptr_t address = place(m, objects, i, sizeof(struct gc_raw));
    here = address / POOL_BYTES_EXPECTED == pool ? here + 1 : 1;
    pool = address / POOL_BYTES_EXPECTED;
    most = here > most ? here : most;
  }
  return most;
}

bool PLAYER_(small_objects_in_pools)(struct gc_mutator *m, char *said, size_t said_bytes) {
  unsigned classes = 0;
  uintptr_t last = 0;
  bool fits = true;
  GC_ROOTS(m, r, objects);
  gc_set(m, &r.objects, gc_alloc_array(m, 5000));
  for (size_t bytes = sizeof(struct gc_raw); bytes <= SMALL_BYTES; bytes += 8) {
    uintptr_t stride = stride_of(m, &r.objects, bytes);
    fits &= stride == align_up(bytes, 16);
    classes += stride != last;
    last = stride;
  }
  unsigned blocks = blocks_in_pool(m, &r.objects);
  uintptr_t small = place(m, &r.objects, 0, SMALL_BYTES), large = place(m, &r.objects, 1, SMALL_BYTES + 8);
  bool apart = small / arena_bytes != large / arena_bytes;
  snprintf(said, said_bytes,
           "%u classes of blocks up to %d bytes, %s; %u blocks of 16 in a pool of 16384; larger ones %s", classes,
           SMALL_BYTES, fits ? "16 apart" : "at other distances", blocks, apart ? "elsewhere" : "among them");
  gc_frame_pop(m, &r.frame);
  return classes == 32 && fits && blocks == (POOL_BYTES_EXPECTED - 48) / 16 && apart;
}

/* ---- arenas ---- */

enum { OBJECTS = 500000, OBJECT_BYTES = 64, KEPT_EVERY = 226 };

/* Fills the array; returns in how many arenas the objects lie. */
static unsigned fill(struct gc_mutator *m, const gc_root *objects) {
  uintptr_t arenas[REGIONS];
  unsigned count = 0;
  for (uint64_t i = 0; i < OBJECTS; i++) {
    uintptr_t arena = place(m, objects, i, OBJECT_BYTES) / arena_bytes;
    unsigned a = count;
    while (a > 0 && arenas[a - 1] != arena) /* the latest is the likeliest */
      a--;
    if (a == 0 && count < REGIONS)
      arenas[count++] = arena;
  }
  return count;
}

/* Lets all objects go but each `kept_every`th; 0: all. */
static void drop_all_but(struct gc_mutator *m, const gc_root *objects, unsigned kept_every) {
  for (uint64_t i = 0; i < OBJECTS; i++)
    if (!kept_every || i % kept_every)
      gc_array_store(m, gc_get(m, objects), i, GC_NULL);
}

bool PLAYER_(arenas_go_when_empty)(struct gc_mutator *m, char *said, size_t said_bytes) {
  GC_ROOTS(m, r, objects);
  gc_set(m, &r.objects, gc_alloc_array(m, OBJECTS));
  double before = PLAYER_(resident_mb)();
  unsigned arenas = fill(m, &r.objects);
  double full = PLAYER_(resident_mb)();
  drop_all_but(m, &r.objects, KEPT_EVERY);
  double few = PLAYER_(resident_mb)();
  drop_all_but(m, &r.objects, 0);
  double after = PLAYER_(resident_mb)();
  snprintf(said, said_bytes,
           "%d objects in %u arenas, %.0f MB resident; %.0f with one of %d left, %.0f with none (before: %.0f)",
           OBJECTS, arenas, full, few, KEPT_EVERY, after, before);
  gc_frame_pop(m, &r.frame);
  return arenas == 31 && few > full - 3 && full - after > 28;
}

bool PLAYER_(memory_is_used_again)(struct gc_mutator *m, char *said, size_t said_bytes) {
  GC_ROOTS(m, r, objects);
  gc_set(m, &r.objects, gc_alloc_array(m, OBJECTS));
  unsigned first = fill(m, &r.objects);
  double full = PLAYER_(resident_mb)();
  drop_all_but(m, &r.objects, 0);
  unsigned second = fill(m, &r.objects);
  double again = PLAYER_(resident_mb)();
  snprintf(said, said_bytes, "%d objects twice, the first ones dropped before: %u arenas and %.0f MB, then %u and %.0f",
           OBJECTS, first, full, second, again);
  gc_frame_pop(m, &r.frame);
  return second <= first && again < full + 2;
}
