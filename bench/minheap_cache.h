/* minheap_cache.h -- <results>/minheap.yaml: the smallest heaps that were measured, one entry for each kind of work.
 *
 * The file is replaced as a whole (written beside, then renamed), so it is never half written.  Parent only. */
#ifndef GC_BENCH_MINHEAP_CACHE_H
#define GC_BENCH_MINHEAP_CACHE_H

#include "runtime/base/compiler.h"

struct minheap_entry {
  char *workload, *params; /* the key, with threads and pointer_bytes */
  unsigned threads, pointer_bytes;
  uint64_t minheap_bytes;
  char *collector; /* the most frugal one */
  char *measured_utc, *build;
};

/* What the key equals in the file, or NULL.  The entry lives as long as the program.
 * Exits with EXIT_ENVIRONMENT if the file is there but cannot be read. */
const struct minheap_entry *minheap_cache_find(const char *folder, const struct minheap_entry *key);

/* Adds or replaces an entry.  Exits with EXIT_ENVIRONMENT if the file cannot be written. */
void minheap_cache_store(const char *folder, const struct minheap_entry *entry);

#endif
