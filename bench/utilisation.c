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

static bool add_schedule(struct utilisation *u, const struct mmu_pause *pauses, size_t count, uint64_t length_ns,
                         uint64_t offset_ns) {
  struct mmu_schedule schedule = {0};
  bool known = mmu_init(&schedule, pauses, count, length_ns);
  if (known) {
    add_points(u, &schedule, offset_ns);
    for (size_t size = 0; size < WORST_SIZES; size++)
      add_worst(u, size, &schedule, offset_ns);
  }
  mmu_fini(&schedule);
  return known;
}

static int by_thread_and_begin(const void *a, const void *b) {
  const struct thread_event *x = a, *y = b;
  if (x->thread != y->thread)
    return x->thread < y->thread ? -1 : 1;
  return (x->begin_ns > y->begin_ns) - (x->begin_ns < y->begin_ns);
}

/* The next thread's events, from *at on in the order above: when it was kept from its own work, as disjoint intervals.
 * An assist lies in a stall, a pause in a handshake: what overlaps is one interval. */
static size_t clip_thread(const struct thread_event *events, size_t count, size_t *at, uint64_t begin_ns,
                          uint64_t end_ns, struct mmu_pause *pauses) {
  size_t found = 0;
  uint32_t thread = events[*at].thread;
  for (; *at < count && events[*at].thread == thread; ++*at) {
    const struct thread_event *event = &events[*at];
    uint64_t from = event->begin_ns > begin_ns ? event->begin_ns : begin_ns;
    uint64_t to = event->begin_ns + event->duration_ns < end_ns ? event->begin_ns + event->duration_ns : end_ns;
    if (event->kind == THREAD_HANDSHAKE || from >= to) /* from its request to its end, most of it beside own work */
      continue;
    struct mmu_pause *last = found ? &pauses[found - 1] : NULL;
    if (last && from - begin_ns <= last->end_ns)
      last->end_ns = to - begin_ns > last->end_ns ? to - begin_ns : last->end_ns;
    else
      pauses[found++] = (struct mmu_pause){from - begin_ns, to - begin_ns};
  }
  return found;
}

static bool add_threads(struct utilisation *u, const struct thread_log *log, struct thread_event *events,
                        struct mmu_pause *pauses, uint64_t begin_ns, uint64_t end_ns, uint64_t offset_ns) {
  bool known = true;
  if (log->count)
    memcpy(events, log->events, log->count * sizeof *events);
  qsort(events, log->count, sizeof *events, by_thread_and_begin);
  for (size_t at = 0; at < log->count;) {
    size_t count = clip_thread(events, log->count, &at, begin_ns, end_ns, pauses);
    known &= add_schedule(u, pauses, count, end_ns - begin_ns, offset_ns);
  }
  /* no thread was kept from anything, if none has an event */
  return known && (log->count || add_schedule(u, pauses, 0, end_ns - begin_ns, offset_ns));
}

static void count_iteration(struct utilisation *u, bool known) {
  if (known)
    u->iterations++;
  else
    u->refused++;
}

void utilisation_add(struct utilisations *u, const struct gc_heap *heap, const struct thread_log *threads,
                     uint64_t begin_ns, uint64_t end_ns) {
  if (begin_ns >= end_ns)
    return;
  const struct pause_log *log = &heap->pauses;
  size_t most = log->count > threads->count ? log->count : threads->count;
  uint64_t offset_ns = begin_ns - heap->seconds_origin_ns;
  struct mmu_pause *pauses = malloc((most + 1) * sizeof *pauses);
  struct thread_event *events = malloc((threads->count + 1) * sizeof *events);
  count_iteration(&u->aggregate, pauses && add_schedule(&u->aggregate, pauses, clip(log, begin_ns, end_ns, pauses),
                                                        end_ns - begin_ns, offset_ns));
  count_iteration(&u->thread,
                  pauses && events && add_threads(&u->thread, threads, events, pauses, begin_ns, end_ns, offset_ns));
  free(events);
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

static json_t *scope_json(const struct utilisation *u, const char *scope, json_t *counts) {
  json_t *worst = json_array();
  for (size_t size = 0; size < WORST_SIZES; size++)
    for (size_t i = 0; i < u->worst_count[size]; i++) {
      const struct mmu_window *window = &u->worst[size][i];
      json_array_append_new(worst, json_pack("{sI sI sf}", "w_ns", (json_int_t)window->w_ns, "begin_ns",
                                             (json_int_t)window->begin_ns, "utilisation", mmu_utilisation(*window)));
    }
  return json_pack("{so ss so so}", "counts", counts, "scope", scope, "points",
                   u->iterations ? points_json(u) : json_array(), "worst_windows", worst);
}

json_t *utilisation_report(const struct utilisations *u, const struct thread_log *threads) {
  json_t *group = scope_json(&u->aggregate, "aggregate", json_pack("[s]", "stw"));
  json_t *thread =
      scope_json(&u->thread, "thread", json_pack("[ssss]", "thread pauses", "own handshakes", "stalls", "assists"));
  /* what was not kept is missing here, so that the curve is an upper bound */
  json_object_set_new(thread, "events_dropped", json_integer((json_int_t)threads->dropped));
  json_object_set_new(group, "thread", thread);
  return group;
}
