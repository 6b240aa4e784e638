/* large_space.h -- objects above the plan's PLAN_LARGE_BYTES, each in its own run of 4 KB pages; they never move.
 *
 * Their mark is the side-map bit of their first byte, like everybody's.  An object enters the table when it is
 * published, so a collection during its slow zeroing does not see it.  One lock; any thread. */
#ifndef GC_HEAP_LARGE_SPACE_H
#define GC_HEAP_LARGE_SPACE_H

#include "runtime/heap/address_index.h"
#include "runtime/heap/sidemap.h"

struct large_object {
  uintptr_t address;
  size_t pages;
};

struct large_space {
  struct heap_memory *memory;
  pthread_mutex_t lock;
  struct large_object *objects;
  size_t count, capacity;
  struct address_index by_address; /* of objects, for plans that free them one by one */
  size_t flipped;    /* the first so many were there when the marks were flipped */
  size_t live_bytes; /* after the last sweep */
};

bool large_space_init(struct large_space *space, struct heap_memory *memory);
void large_space_fini(struct large_space *space);

/* Pages for an object of `bytes`, not yet in the table; 0 if none may be had.
 * *zeroed: whether the caller may skip zeroing. */
uintptr_t large_space_take(struct large_space *space, size_t bytes, unsigned node, bool *zeroed);
/* Enters the object into the table.  False if memory for the table was refused; the pages are given back. */
bool large_space_publish(struct large_space *space, uintptr_t address, size_t bytes);

/* Frees every object whose bit in `live` is clear.  The world is stopped. */
void large_space_sweep(struct large_space *space, const struct sidemap *live);
/* The same in two steps: objects published after the flip are kept, so the sweep may run beside mutators. */
void large_space_flip_stw(struct large_space *space);
void large_space_sweep_flipped(struct large_space *space, const struct sidemap *live);
/* Frees one object.  Reference counting and explicit deallocation. */
void large_space_free(struct large_space *space, uintptr_t address);
void large_space_clear_marks(struct large_space *space, const struct sidemap *marks);

/* The number of objects, and a visit of each; the world is stopped. */
void large_space_for_objects(struct large_space *space, void *context, void (*visit)(void *, gc_ref));
const char *large_space_problem(struct large_space *space, uintptr_t address);

#endif
