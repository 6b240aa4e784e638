#include "runtime/cycle/lost.h"

#include "runtime/os/clock.h"
#include "runtime/os/run_delay.h"

void lost_begin(struct lost_watch *watch, struct gang *gang) {
  uint64_t begin_ns = clock_now_ns();
  watch->watching = begin_ns >= watch->due_ns;
  if (!watch->watching)
    return;
  watch->watching = run_delay_read(run_delay_of_this_thread(), &watch->begin_ns);
  gang_begin_run_delays(gang);
  watch->opening_ns = clock_now_ns() - begin_ns;
}

bool lost_end(struct lost_watch *watch, struct gang *gang, uint64_t *lost_ns) {
  *lost_ns = 0;
  if (!watch->watching)
    return false;
  watch->watching = false;
  uint64_t begin_ns = clock_now_ns(), own_ns;
  bool known = run_delay_read(run_delay_of_this_thread(), &own_ns);
  uint64_t helper_ns = gang_longest_run_delay(gang);
  uint64_t end_ns = clock_now_ns();
  uint64_t cost_ns = watch->opening_ns + end_ns - begin_ns;
  if (!watch->cost_ns || cost_ns < watch->cost_ns)
    watch->cost_ns = cost_ns;
  watch->due_ns = end_ns + LOST_BREAK * watch->cost_ns;
  if (known)
    *lost_ns = own_ns - watch->begin_ns > helper_ns ? own_ns - watch->begin_ns : helper_ns;
  return known;
}
