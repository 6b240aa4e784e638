#include "runtime/cycle/lost.h"

#include "runtime/os/clock.h"
#include "runtime/os/run_delay.h"

/* False in the break. */
static bool begin_helpers(struct lost_watch *watch, struct gang *gang) {
  uint64_t begin_ns = clock_now_ns();
  if (begin_ns < watch->helpers_due_ns)
    return false;
  gang_begin_run_delays(gang);
  watch->opening_ns = clock_now_ns() - begin_ns;
  return true;
}

static uint64_t end_helpers(struct lost_watch *watch, struct gang *gang) {
  uint64_t begin_ns = clock_now_ns();
  uint64_t longest_ns = gang_longest_run_delay(gang);
  uint64_t end_ns = clock_now_ns();
  watch->helpers_due_ns = end_ns + LOST_BREAK * (watch->opening_ns + end_ns - begin_ns);
  return longest_ns;
}

void lost_begin(struct lost_watch *watch, struct gang *gang) {
  watch->known = (gang->count == 1 || begin_helpers(watch, gang)) && run_delay_here(&watch->begin_ns);
}

bool lost_end(struct lost_watch *watch, struct gang *gang, uint64_t *lost_ns) {
  uint64_t end_ns;
  *lost_ns = 0;
  if (!watch->known || !run_delay_here(&end_ns))
    return false;
  uint64_t helper_ns = gang->count == 1 ? 0 : end_helpers(watch, gang);
  *lost_ns = end_ns - watch->begin_ns > helper_ns ? end_ns - watch->begin_ns : helper_ns;
  return true;
}
