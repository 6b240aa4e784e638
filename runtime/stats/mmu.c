#include "runtime/stats/mmu.h"

#include <stdlib.h>

bool mmu_init(struct mmu_schedule *schedule, const struct mmu_pause *pauses, size_t count, uint64_t end_ns) {
  *schedule = (struct mmu_schedule){pauses, count, end_ns, malloc((count + 1) * sizeof(uint64_t))};
  if (!schedule->paused_before_ns)
    return false;
  uint64_t sum_ns = 0;
  for (size_t i = 0; i < count; i++) {
    schedule->paused_before_ns[i] = sum_ns;
    sum_ns += pauses[i].end_ns - pauses[i].begin_ns;
  }
  schedule->paused_before_ns[count] = sum_ns;
  return true;
}

void mmu_fini(struct mmu_schedule *schedule) { free(schedule->paused_before_ns); }

/* The number of pauses that begin before t. */
static size_t begun_before(const struct mmu_schedule *schedule, uint64_t t_ns) {
  size_t low = 0, high = schedule->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (schedule->pauses[middle].begin_ns < t_ns)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The part of [0, t) that is paused. */
static uint64_t paused_until(const struct mmu_schedule *schedule, uint64_t t_ns) {
  size_t begun = begun_before(schedule, t_ns);
  if (begun == 0)
    return 0;
  const struct mmu_pause *last = &schedule->pauses[begun - 1];
  uint64_t until_ns = t_ns < last->end_ns ? t_ns : last->end_ns;
  return schedule->paused_before_ns[begun - 1] + until_ns - last->begin_ns;
}

static struct mmu_window window_at(const struct mmu_schedule *schedule, uint64_t w_ns, uint64_t begin_ns) {
  uint64_t latest_ns = schedule->end_ns - w_ns;
  if (begin_ns > latest_ns)
    begin_ns = latest_ns;
  return (struct mmu_window){w_ns, begin_ns,
                             paused_until(schedule, begin_ns + w_ns) - paused_until(schedule, begin_ns)};
}

/* A worst window may slide to the right, and loses nothing, until its left edge meets a pause, or its right edge the
 * end of the run with a pause inside, which is where window_at puts that pause's. */
static struct mmu_window candidate(const struct mmu_schedule *schedule, uint64_t w_ns, size_t i) {
  return window_at(schedule, w_ns, schedule->pauses[i].begin_ns);
}

static int by_badness(const void *a, const void *b) {
  const struct mmu_window *x = a, *y = b;
  if (x->paused_ns != y->paused_ns)
    return x->paused_ns < y->paused_ns ? 1 : -1;
  return (x->begin_ns > y->begin_ns) - (x->begin_ns < y->begin_ns);
}

struct mmu_window mmu_worst(const struct mmu_schedule *schedule, uint64_t w_ns) {
  struct mmu_window worst = window_at(schedule, w_ns, 0);
  for (size_t i = 0; i < schedule->count; i++) {
    struct mmu_window window = candidate(schedule, w_ns, i);
    if (by_badness(&window, &worst) < 0)
      worst = window;
  }
  return worst;
}

static bool overlaps(struct mmu_window a, struct mmu_window b) {
  return a.begin_ns < b.begin_ns + b.w_ns && b.begin_ns < a.begin_ns + a.w_ns;
}

static bool overlaps_any(struct mmu_window window, const struct mmu_window *others, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (overlaps(window, others[i]))
      return true;
  return false;
}

static void take_if_worse(struct mmu_window window, const struct mmu_window *taken, size_t count,
                          struct mmu_window *worst) {
  if (by_badness(&window, worst) < 0 && !overlaps_any(window, taken, count))
    *worst = window;
}

size_t mmu_worst_disjoint(const struct mmu_schedule *schedule, uint64_t w_ns, struct mmu_window *windows, size_t most) {
  size_t candidates = schedule->count, count = 0;
  struct mmu_window *all = malloc((candidates + 1) * sizeof *all);
  if (!all)
    return 0;
  for (size_t i = 0; i < candidates; i++)
    all[i] = candidate(schedule, w_ns, i);
  qsort(all, candidates, sizeof *all, by_badness);
  for (; count < most; count++) {
    struct mmu_window worst = {w_ns, UINT64_MAX, 0};
    for (size_t i = 0; i < candidates && worst.begin_ns == UINT64_MAX; i++)
      take_if_worse(all[i], windows, count, &worst);
    for (size_t i = 0; i < count; i++) { /* those that what is taken keeps from sliding on */
      if (windows[i].begin_ns >= w_ns)
        take_if_worse(window_at(schedule, w_ns, windows[i].begin_ns - w_ns), windows, count, &worst);
      if (windows[i].begin_ns + 2 * w_ns <= schedule->end_ns)
        take_if_worse(window_at(schedule, w_ns, windows[i].begin_ns + w_ns), windows, count, &worst);
    }
    if (worst.paused_ns == 0)
      break;
    windows[count] = worst;
  }
  free(all);
  return count;
}

size_t mmu_window_sizes(uint64_t end_ns, uint64_t w_ns[MMU_WINDOWS_MAX]) {
  static const uint64_t steps[] = {1, 2, 5};
  enum { FIRST_NS = 100000 };
  size_t count = 0;
  for (uint64_t decade_ns = FIRST_NS; decade_ns < end_ns; decade_ns *= 10)
    for (size_t i = 0; i < 3 && steps[i] * decade_ns < end_ns && count < MMU_WINDOWS_MAX - 1; i++)
      w_ns[count++] = steps[i] * decade_ns;
  if (end_ns)
    w_ns[count++] = end_ns;
  return count;
}
