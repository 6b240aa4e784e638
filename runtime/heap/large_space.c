#include "runtime/heap/large_space.h"

#include <stdlib.h>

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"

static size_t pages_of(size_t bytes) { return (bytes + PAGE_BYTES - 1) >> PAGE_SHIFT; }

bool large_space_init(struct large_space *space, struct heap_memory *memory) {
  *space = (struct large_space){.memory = memory};
  return pthread_mutex_init(&space->lock, NULL) == 0;
}

void large_space_fini(struct large_space *space) {
  memory_add_metadata(space->memory, -(int64_t)(space->capacity * sizeof *space->objects));
  memory_add_metadata(space->memory, -(int64_t)address_index_bytes(&space->by_address));
  address_index_fini(&space->by_address);
  free(space->objects);
  pthread_mutex_destroy(&space->lock);
}

uintptr_t large_space_take(struct large_space *space, size_t bytes, unsigned node, bool *zeroed) {
  return memory_take_pages(space->memory, pages_of(bytes) - GC_MUTANT(large_page_short), node, zeroed);
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
  if (room) {
    address_index_add(&space->by_address, address, space->count);
    space->objects[space->count++] = (struct large_object){address, pages_of(bytes)};
  }
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
  space->by_address.built = false; /* positions change */
  for (size_t i = 0; i < space->count; i++) {
    struct large_object object = space->objects[i];
    if (i < space->flipped && (!sidemap_test(live, object.address) || GC_MUTANT(sweep_frees_large))) {
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

/* Builds the index, if it is not there; false if memory for it was refused. */
static bool index_locked(struct large_space *space) {
  struct address_index *index = &space->by_address;
  if (index->built)
    return true;
  int64_t before_bytes = (int64_t)address_index_bytes(index);
  bool built = address_index_begin(index, space->capacity);
  for (size_t i = 0; built && i < space->count; i++)
    address_index_add(index, space->objects[i].address, i);
  memory_add_metadata(space->memory, (int64_t)address_index_bytes(index) - before_bytes);
  return built;
}

/* The position of the object; the number of objects if it is none. */
static size_t find_locked(struct large_space *space, uintptr_t address) {
  size_t i = 0;
  if (!index_locked(space)) {
    while (i < space->count && space->objects[i].address != address)
      i++;
    return i;
  }
  for (uint32_t at = address_index_first(&space->by_address, address); at;
       at = address_index_next(&space->by_address, at - 1))
    if (space->objects[at - 1].address == address)
      return at - 1;
  return space->count;
}

/* The last entry takes the place of entry `i`. */
static void remove_locked(struct large_space *space, size_t i) {
  struct address_index *index = &space->by_address;
  size_t last = --space->count;
  address_index_remove(index, space->objects[i].address, i);
  if (i == last)
    return;
  address_index_remove(index, space->objects[last].address, last);
  space->objects[i] = space->objects[last];
  address_index_add(index, space->objects[i].address, i);
}

void large_space_free(struct large_space *space, uintptr_t address) {
  pthread_mutex_lock(&space->lock);
  size_t i = find_locked(space, address);
  GC_CHECK(0, i < space->count, "%p is no large object", (void *)address);
  size_t pages = space->objects[i].pages;
  remove_locked(space, i);
  pthread_mutex_unlock(&space->lock);
  memory_give_pages(space->memory, address, pages);
}

void large_space_clear_marks(struct large_space *space, const struct sidemap *marks) {
  pthread_mutex_lock(&space->lock);
  for (size_t i = 0; i < space->count && !GC_MUTANT(large_marks_kept); i++)
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
