#include "runtime/os/vm.h"

#include <sys/mman.h>

#include "runtime/base/bits.h"
#include "runtime/base/check.h"

void *vm_reserve(size_t bytes, size_t alignment) {
  size_t padded = bytes + alignment;
  if (padded < bytes)
    return NULL;
  char *start = mmap(NULL, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED)
    return NULL;
  char *aligned = (char *)align_up((uintptr_t)start, alignment);
  if (aligned > start)
    munmap(start, (size_t)(aligned - start));
  size_t tail = (size_t)(start + padded - (aligned + bytes));
  if (tail)
    munmap(aligned + bytes, tail);
  return aligned;
}

void vm_unreserve(void *start, size_t bytes) {
  if (start)
    munmap(start, bytes);
}

void vm_release(void *start, size_t bytes) {
  int failed = madvise(start, bytes, MADV_DONTNEED);
  GC_CHECK(0, failed == 0, "releasing %zu bytes at %p", bytes, start);
}

bool vm_prefer_huge(void *start, size_t bytes) { return madvise(start, bytes, MADV_HUGEPAGE) == 0; }
