#include "runtime/heap/large_space.h"

#include <stdlib.h>

#include "runtime/base/check.h"

static size_t pages_of(size_t bytes) { return (bytes + PAGE_BYTES - 1) >> PAGE_SHIFT; }

bool large_space_init(struct large_space *space, struct heap_memory *memory) {
  *space = (struct large_space){.memory = memory};
  return pthread_mutex_init(&space->lock, NULL) == 0;
}

void large_space_fini(struct large_space *space) {
  memory_add_metadata(space->memory, -(int64_t)(space->capacity * sizeof *space->objects));
  free(space->objects);
  pthread_mutex_destroy(&space->lock);
}

uintptr_t large_space_take(struct large_space *space, size_t bytes, unsigned node, bool *zeroed) {
  return memory_take_pages(space->memory, pages_of(bytes), node, zeroed);
}

static bool reserve_locked(struct large_space *space) {
  if (space->count < space->capacity)
    return true;
  size_t capacity = size_max(64, space->capacity * 2);
  struct large_object *objects = realloc(space->objects, capacity * sizeof *objects);
  if (!objects)
    return false;
  memory_add_metadata(space->memory, (int64_t)((capacity - space->capacity) * sizeof *objects));
  space->objects = objects;
  space->capacity = capacity;
  return true;
}

bool large_space_publish(struct large_space *space, uintptr_t address, size_t bytes) {
  pthread_mutex_lock(&space->lock);
  bool room = reserve_locked(space);
  if (room)
    space->objects[space->count++] = (struct large_object){address, pages_of(bytes)};
  pthread_mutex_unlock(&space->lock);
  if (!room)
    memory_give_pages(space->memory, address, pages_of(bytes));
  return room;
}

void large_space_flip_stw(struct large_space *space) { space->flipped = space->count; }

void large_space_sweep(struct large_space *space, const struct sidemap *live) {
  large_space_flip_stw(space);
  large_space_sweep_flipped(space, live);
}

void large_space_sweep_flipped(struct large_space *space, const struct sidemap *live) {
  pthread_mutex_lock(&space->lock);
  size_t kept = 0;
  space->live_bytes = 0;
  for (size_t i = 0; i < space->count; i++) {
    struct large_object object = space->objects[i];
    if (i < space->flipped && !sidemap_test(live, object.address)) {
      memory_give_pages(space->memory, object.address, object.pages);
      continue;
    }
    space->live_bytes += object.pages << PAGE_SHIFT;
    space->objects[kept++] = object;
  }
  space->count = kept;
  space->flipped = 0;
  pthread_mutex_unlock(&space->lock);
}

static size_t find_locked(struct large_space *space, uintptr_t address) {
  size_t i = 0;
  while (i < space->count && space->objects[i].address != address)
    i++;
  return i;
}

void large_space_free(struct large_space *space, uintptr_t address) {
  pthread_mutex_lock(&space->lock);
  size_t i = find_locked(space, address);
  GC_CHECK(0, i < space->count, "%p is no large object", (void *)address);
  size_t pages = space->objects[i].pages;
  space->objects[i] = space->objects[--space->count];
  pthread_mutex_unlock(&space->lock);
  memory_give_pages(space->memory, address, pages);
}

void large_space_clear_marks(struct large_space *space, const struct sidemap *marks) {
  pthread_mutex_lock(&space->lock);
  for (size_t i = 0; i < space->count; i++)
    sidemap_clear_par(marks, space->objects[i].address);
  pthread_mutex_unlock(&space->lock);
}

void large_space_for_objects(struct large_space *space, void *context, void (*visit)(void *, gc_ref)) {
  for (size_t i = 0; i < space->count; i++)
    visit(context, (gc_ref){space->objects[i].address});
}

const char *large_space_problem(struct large_space *space, uintptr_t address) {
  pthread_mutex_lock(&space->lock);
  bool found = find_locked(space, address) < space->count;
  pthread_mutex_unlock(&space->lock);
  return found ? NULL : "not the start of a large object";
}
