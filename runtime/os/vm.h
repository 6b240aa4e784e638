/* vm.h -- address space from the system: reserve, release, ask for huge pages.
 *
 * Reserved memory reads as zero and costs nothing until touched.  Released memory reads as zero again.
 * Any thread. */
#ifndef GC_OS_VM_H
#define GC_OS_VM_H

#include "runtime/base/compiler.h"

/* `bytes` of zero memory aligned to `alignment` (a power of two, at least a page), or NULL. */
void *vm_reserve(size_t bytes, size_t alignment);
void vm_unreserve(void *start, size_t bytes);
/* Gives the pages back to the system; they read as zero when touched again. */
void vm_release(void *start, size_t bytes);
/* Asks for 2 MB pages; returns whether the system agreed. */
bool vm_prefer_huge(void *start, size_t bytes);

#endif
