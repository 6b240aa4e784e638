/* memory.h -- bdwgc (libgc-dev), in the two ways that its own headers offer.
 *
 *     BDWGC_INLINE 0   GC_malloc for each object: what most programs do; the library keeps free lists by thread
 *     BDWGC_INLINE 1   lists of free objects from GC_malloc_many, handed out inline without a lock, a call or a
 *                      look-up of the thread: what a language runtime that minds allocation does
 * Interior pointers from the heap are off (memory.c), so that objects have exactly their size. */
#ifndef GC_BENCH_PEERS_MEMORY_H
#define GC_BENCH_PEERS_MEMORY_H

#ifndef GC_THREADS
#define GC_THREADS /* from here on pthread_create is the collector's, which registers the thread */
#endif
#include <gc/gc.h>
#include <pthread.h>
#include <stddef.h>

enum { MEMORY_COLLECTS = 1 };

struct memory_pool {
  void *next; /* BDWGC_INLINE: a list of free objects; the collector finds it on the owner's stack */
};

void *memory_refill(size_t bytes);
void *memory_array(size_t bytes);
void *memory_plain(size_t bytes);

static inline void *memory_new(struct memory_pool *pool, size_t bytes) {
  if (!BDWGC_INLINE)
    return GC_malloc(bytes); /* never NULL: memory_init sets what happens then */
  void *object = pool->next;
  if (__builtin_expect(!object, 0))
    object = memory_refill(bytes);
  pool->next = GC_NEXT(object);
  GC_NEXT(object) = NULL; /* the rest of it is zero already */
  return object;
}

static inline void memory_free(void *object) { (void)object; }

#endif
