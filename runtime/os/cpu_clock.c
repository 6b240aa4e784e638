#include "runtime/os/cpu_clock.h"

#include "runtime/os/clock.h"
#include "runtime/os/processor.h"

/* At the wall's at_ns, and after so many losses of the processor, this thread's CPU time was cpu_ns; told_ns was told
 * last.  at_ns 0: never asked. */
static _Thread_local struct {
  uint64_t cpu_ns, at_ns, losses, told_ns;
} known;

uint64_t cpu_clock_ns(uint64_t *asked) {
  uint64_t now_ns = clock_now_ns();
  uint64_t losses = processor_losses(); /* after the clock: what passed holds no time without the processor */
  if (known.at_ns && losses == known.losses && now_ns - known.at_ns < CPU_CLOCK_TRUST_NS)
    return known.told_ns = known.cpu_ns + (now_ns - known.at_ns);
  (*asked)++;
  uint64_t cpu_ns = clock_thread_cpu_ns();
  known.at_ns = clock_now_ns();
  known.losses = losses;
  known.cpu_ns = cpu_ns > known.told_ns ? cpu_ns : known.told_ns;
  return known.told_ns = known.cpu_ns;
}

void cpu_clock_skip(void) {
  known.losses = processor_losses();
  known.cpu_ns = known.told_ns;
  known.at_ns = clock_now_ns();
}
