/* memory.h -- malloc and free: the programs say themselves what is dead.
 *
 * Whose malloc it is, is decided when linking: the C library's, or mimalloc's. */
#ifndef GC_BENCH_PEERS_MEMORY_H
#define GC_BENCH_PEERS_MEMORY_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_COLLECTS = 0 };

struct memory_pool {
  char unused; /* the allocator finds the thread's own free lists by itself */
};

void *memory_refused(void);

static inline void *memory_new(struct memory_pool *pool, size_t bytes) {
  (void)pool;
  void *object = malloc(bytes);
  if (__builtin_expect(!object, 0))
    memory_refused();
  return memset(object, 0, bytes);
}

static inline void *memory_plain(size_t bytes) {
  void *array = calloc(1, bytes);
  return array ? array : memory_refused();
}
static inline void *memory_array(size_t bytes) { return memory_plain(bytes); }

static inline void memory_free(void *object) { free(object); }

#endif
