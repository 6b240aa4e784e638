#include "runtime/heap/poison.h"

#include "runtime/base/check.h"
#include "runtime/object/object.h"

static _Atomic uint64_t *word_at(uintptr_t address) { return (_Atomic uint64_t *)address; }

void poison_fill_slow(uintptr_t start, uintptr_t end) {
  for (uintptr_t address = start; address < end; address += 8)
    atomic_store_explicit(word_at(address), GC_HEADER_POISON, memory_order_relaxed);
}

void poison_check_slow(uintptr_t start, uintptr_t end) {
  uint64_t expected = start < end ? atomic_load_explicit(word_at(start), memory_order_relaxed) : 0;
  if (expected != 0) /* never used: it is all zero */
    expected = GC_HEADER_POISON;
  for (uintptr_t address = start; address < end; address += 8) {
    uint64_t word = atomic_load_explicit(word_at(address), memory_order_relaxed);
    GC_CHECK(0, word == expected, "verifier free: free memory was written to: %p, %zu bytes into [%p, %p), holds %#llx",
             (void *)address, (size_t)(address - start), (void *)start, (void *)end, (unsigned long long)word);
  }
}
