#include "bench/utilisation.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t worst_sizes_ns[WORST_SIZES] = {1000000, 10000000, 100000000};

static bool is_worse(struct mmu_window a, struct mmu_window b) { return mmu_utilisation(a) < mmu_utilisation(b); }

static int by_utilisation(const void *a, const void *b) {
  const struct mmu_window *x = a, *y = b;
  return is_worse(*x, *y) ? -1 : is_worse(*y, *x);
}

/* The pauses inside [begin_ns, end_ns), from its begin on.  The driver logs them in order. */
static size_t clip(const struct pause_log *log, uint64_t begin_ns, uint64_t end_ns, struct mmu_pause *pauses) {
  size_t count = 0;
  for (size_t i = 0; i < log->count; i++) {
    uint64_t from = log->events[i].request_ns, to = log->events[i].resumed_ns;
    from = from > begin_ns ? from : begin_ns;
    to = to < end_ns ? to : end_ns;
    if (from < to)
      pauses[count++] = (struct mmu_pause){from - begin_ns, to - begin_ns};
  }
  return count;
}

static void add_points(struct utilisation *u, const struct mmu_schedule *schedule, uint64_t offset_ns) {
  uint64_t w_ns[MMU_WINDOWS_MAX];
  size_t count = mmu_window_sizes(schedule->end_ns, w_ns);
  for (size_t i = 0; i < count; i++) {
    struct mmu_window window = mmu_worst(schedule, w_ns[i]);
    window.begin_ns += offset_ns;
    struct mmu_window *point = i + 1 == count ? &u->whole : &u->steps[i];
    if (point->w_ns == 0 || is_worse(window, *point))
      *point = window;
  }
  if (count && count - 1 > u->step_count)
    u->step_count = count - 1;
}

static void add_worst(struct utilisation *u, size_t size, const struct mmu_schedule *schedule, uint64_t offset_ns) {
  struct mmu_window all[2 * WORST_WINDOWS];
  uint64_t w_ns = worst_sizes_ns[size];
  if (w_ns > schedule->end_ns)
    return;
  size_t known = u->worst_count[size], found = mmu_worst_disjoint(schedule, w_ns, all, WORST_WINDOWS);
  for (size_t i = 0; i < found; i++)
    all[i].begin_ns += offset_ns;
  memcpy(all + found, u->worst[size], known * sizeof *all);
  qsort(all, found + known, sizeof *all, by_utilisation);
  u->worst_count[size] = found + known < WORST_WINDOWS ? found + known : WORST_WINDOWS;
  memcpy(u->worst[size], all, u->worst_count[size] * sizeof *all);
}

void utilisation_add(struct utilisation *u, const struct gc_heap *heap, uint64_t begin_ns, uint64_t end_ns) {
  if (begin_ns >= end_ns)
    return;
  const struct pause_log *log = &heap->pauses;
  struct mmu_pause *pauses = malloc((log->count + 1) * sizeof *pauses);
  struct mmu_schedule schedule = {0};
  if (pauses && mmu_init(&schedule, pauses, clip(log, begin_ns, end_ns, pauses), end_ns - begin_ns)) {
    uint64_t offset_ns = begin_ns - heap->seconds_origin_ns;
    add_points(u, &schedule, offset_ns);
    for (size_t size = 0; size < WORST_SIZES; size++)
      add_worst(u, size, &schedule, offset_ns);
    u->iterations++;
  } else {
    u->refused++;
  }
  mmu_fini(&schedule);
  free(pauses);
}

/* ---- the group ---- */

static int by_size(const void *a, const void *b) {
  const struct mmu_window *x = a, *y = b;
  return (x->w_ns > y->w_ns) - (x->w_ns < y->w_ns);
}

static json_t *points_json(const struct utilisation *u) {
  struct mmu_window points[MMU_WINDOWS_MAX + 1];
  double bmu[MMU_WINDOWS_MAX + 1], least = 1;
  size_t count = u->step_count + 1;
  memcpy(points, u->steps, u->step_count * sizeof *points);
  points[count - 1] = u->whole;
  qsort(points, count, sizeof *points, by_size);
  for (size_t i = count; i-- > 0; bmu[i] = least)
    least = mmu_utilisation(points[i]) < least ? mmu_utilisation(points[i]) : least;
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(array, json_pack("{sI sf sf}", "w_ns", (json_int_t)points[i].w_ns, "mmu",
                                           mmu_utilisation(points[i]), "bmu", bmu[i]));
  return array;
}

json_t *utilisation_report(const struct utilisation *u) {
  json_t *worst = json_array();
  for (size_t size = 0; size < WORST_SIZES; size++)
    for (size_t i = 0; i < u->worst_count[size]; i++) {
      const struct mmu_window *window = &u->worst[size][i];
      json_array_append_new(worst, json_pack("{sI sI sf}", "w_ns", (json_int_t)window->w_ns, "begin_ns",
                                             (json_int_t)window->begin_ns, "utilisation", mmu_utilisation(*window)));
    }
  return json_pack("{s[s] ss so so}", "counts", "stw", "scope", "aggregate", "points",
                   u->iterations ? points_json(u) : json_array(), "worst_windows", worst);
}
