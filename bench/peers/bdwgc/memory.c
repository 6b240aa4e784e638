/* memory.c -- bdwgc: its settings, and the calls that are not worth inlining. */
#include <stdio.h>
#include <string.h>

#include "bench/peers/peer.h"

#define VERSION_STRING(major, minor, micro) "bdwgc " GC_STRING(major) "." GC_STRING(minor) "." GC_STRING(micro)
const char memory_system[] = VERSION_STRING(GC_VERSION_MAJOR, GC_VERSION_MINOR, GC_VERSION_MICRO);

static void *out_of_memory(size_t bytes) {
  (void)bytes;
  peer_out_of_memory();
}

const char *memory_init(size_t heap_bytes, unsigned gc_threads) {
  GC_set_all_interior_pointers(0);
  if (gc_threads)
    GC_set_markers_count(gc_threads);
  GC_set_max_heap_size(heap_bytes); /* 0: no limit */
  GC_set_oom_fn(out_of_memory);
  GC_set_warn_proc(GC_ignore_warn_proc);
  GC_INIT();
  GC_allow_register_threads();
  /* With a limit the whole heap is there from the start, as it is in gclab: it collects when that is used up. */
  size_t initial_bytes = GC_get_heap_size();
  if (heap_bytes > initial_bytes && !GC_expand_hp(heap_bytes - initial_bytes))
    return "bdwgc refuses to expand its heap to the limit";
  return heap_bytes && heap_bytes < GC_get_heap_size() ? "bdwgc starts with a larger heap than that" : NULL;
}

void *memory_roots(size_t bytes) { return GC_MALLOC_UNCOLLECTABLE(bytes); }

static void *check_refused(void *object) {
  if (!object)
    peer_out_of_memory();
  return object;
}

void *memory_refill(size_t bytes) { return check_refused(GC_malloc_many(bytes)); }

void *memory_array(size_t bytes) { return check_refused(GC_MALLOC_IGNORE_OFF_PAGE(bytes)); }

void *memory_plain(size_t bytes) { return memset(check_refused(GC_MALLOC_ATOMIC_IGNORE_OFF_PAGE(bytes)), 0, bytes); }

void memory_collect(void) { GC_gcollect(); }
size_t memory_heap_bytes(void) { return GC_get_heap_size(); }
uint64_t memory_collections(void) { return GC_get_gc_no(); }
