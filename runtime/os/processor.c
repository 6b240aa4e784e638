#include "runtime/os/processor.h"

#include <stddef.h>
#include <sys/rseq.h>

#if defined(__x86_64__)
static char *thread_pointer(void) {
  char *pointer;
  __asm__("mov %%fs:0, %0" : "=r"(pointer));
  return pointer;
}
#else
static char *thread_pointer(void) { return __builtin_thread_pointer(); }
#endif

/* A sequence of no instructions: no thread is ever inside, so the kernel does nothing but forget it.  It does look
 * whether the signature stands before the landing. */
static const struct {
  uint32_t signature, landing;
} target = {RSEQ_SIG, 0};
static struct rseq_cs sequence; /* constant once main began */

static __attribute__((constructor)) void aim(void) {
  sequence.start_ip = (uintptr_t)&target;
  sequence.abort_ip = (uintptr_t)&target.landing;
}

uint64_t processor_losses(void) {
  static _Thread_local uint64_t losses;
  volatile uint64_t *pointer = (volatile uint64_t *)(thread_pointer() + __rseq_offset + offsetof(struct rseq, rseq_cs));
  if (!__rseq_size)
    return ++losses;
  if (*pointer != (uintptr_t)&sequence) {
    *pointer = (uintptr_t)&sequence; /* before the caller asks the kernel: a loss in between is seen by the next call */
    losses++;
  }
  return losses;
}
