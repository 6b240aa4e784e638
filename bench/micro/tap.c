#include "bench/micro/tap.h"

#include <errno.h>
#include <string.h>

#include "runtime/os/clock.h"
#include "runtime/os/thread.h"

static bool marks(const struct gc_phase *row) { return strcmp(row->name, "mark") == 0; }

/* Rows before the end of the table; more than fit: 0. */
static size_t count_rows(const struct gc_phase *table) {
  size_t count = 0;
  while (table && table[count].name)
    count++;
  return count + 2 <= TAP_ROWS_MAX ? count : 0;
}

/* Puts the tap's rows in the place of the table for full collections, wherever that is used. */
static void replace_table(struct tap *tap, const struct gc_collector *collector) {
  for (unsigned kind = 0; kind < GC_CYCLE_KINDS; kind++)
    if (collector->cycles[kind] == collector->cycles[GC_CYCLE_MAJOR])
      tap->collector.cycles[kind] = tap->rows;
}

/* ---- holding ---- */

static enum gc_phase_result wait_for_mutator(struct gc_heap *heap) {
  struct tap *tap = (struct tap *)heap->collector;
  if (!atomic_load(&tap->wanted))
    return GC_NEXT;
  atomic_store(&tap->held, true);
  while (sem_wait(&tap->may_go) != 0 && errno == EINTR)
    ;
  return GC_NEXT;
}

bool tap_hold(struct tap *tap, const struct gc_collector *collector) {
  const struct gc_phase *table = collector->cycles[GC_CYCLE_MAJOR];
  size_t count = count_rows(table), at = 0;
  while (at < count && !(marks(&table[at]) && table[at].mode == GC_CONCURRENT))
    at++;
  if (at == count)
    return false;
  *tap = (struct tap){.collector = *collector};
  memcpy(tap->rows, table, at * sizeof *table);
  tap->rows[at] = (struct gc_phase){.name = "hold", .mode = GC_CONCURRENT, .run = wait_for_mutator};
  memcpy(tap->rows + at + 1, table + at, (count - at) * sizeof *table);
  replace_table(tap, collector);
  return sem_init(&tap->may_go, 0, 0) == 0;
}

static void poll(struct gc_mutator *m, unsigned *step) {
  if (mutator_poll_pending(m))
    mutator_poll_slow(m);
  thread_spin(step);
}

void tap_begin(struct tap *tap, struct gc_mutator *m) {
  unsigned step = 0;
  atomic_store(&tap->held, false);
  atomic_store(&tap->wanted, true);
  cycle_request(m->heap, GC_REASON_EXPLICIT_FULL);
  while (!atomic_load(&tap->held))
    poll(m, &step);
}

static bool cycle_runs(struct cycle_driver *driver) {
  pthread_mutex_lock(&driver->lock);
  bool runs = driver->begun != driver->ended;
  pthread_mutex_unlock(&driver->lock);
  return runs;
}

void tap_end(struct tap *tap, struct gc_mutator *m) {
  unsigned step = 0;
  atomic_store(&tap->wanted, false);
  sem_post(&tap->may_go);
  while (cycle_runs(&m->heap->driver))
    poll(m, &step);
}

/* ---- timing ---- */

static enum gc_phase_result run_timed(struct gc_heap *heap) {
  struct tap *tap = (struct tap *)heap->collector;
  const struct gc_phase *row = &tap->original[heap->driver.row - tap->rows];
  uint64_t begin_ns = clock_now_ns();
  enum gc_phase_result result = row->run(heap);
  tap->mark_ns += clock_now_ns() - begin_ns;
  return result;
}

bool tap_time(struct tap *tap, const struct gc_collector *collector) {
  const struct gc_phase *table = collector->cycles[GC_CYCLE_MAJOR];
  size_t count = count_rows(table);
  bool found = false;
  *tap = (struct tap){.collector = *collector, .original = table};
  for (size_t i = 0; i < count; i++) {
    tap->rows[i] = table[i];
    if (marks(&table[i]) && table[i].run) {
      tap->rows[i].run = run_timed;
      found = true;
    }
  }
  replace_table(tap, collector);
  return found;
}
