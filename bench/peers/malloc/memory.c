/* memory.c -- malloc and free: nothing to set, nothing to collect. */
#include "bench/peers/peer.h"

#ifdef PEER_MIMALLOC
#include <mimalloc.h>
#define VERSION_STRING "mimalloc " GC_STRING(MI_MALLOC_VERSION)
#else
#define VERSION_STRING "glibc malloc " GC_STRING(__GLIBC__) "." GC_STRING(__GLIBC_MINOR__)
#endif
const char memory_system[] = VERSION_STRING;

const char *memory_init(size_t heap_bytes, unsigned gc_threads) {
  if (heap_bytes)
    return "malloc has no heap limit: leave --heap out";
  return gc_threads ? "malloc has no collector threads: leave --gc-threads out" : NULL;
}

void *memory_refused(void) { peer_out_of_memory(); }
void *memory_roots(size_t bytes) { return memory_plain(bytes); }
void memory_collect(void) {}
size_t memory_heap_bytes(void) { return 0; }
uint64_t memory_collections(void) { return 0; }
