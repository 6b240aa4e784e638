#include "bench/instrumentation.h"

#include <stdlib.h>

#include "bench/report.h"
#include "runtime/cycle/lost.h"
#include "runtime/os/clock.h"
#include "runtime/os/cpu_clock.h"
#include "runtime/os/run_delay.h"

enum { BATCHES = 5, ROUNDS = 400, COLD_ROUNDS = 15, COLD_BYTES = 4 << 20 };

/* ---- units: what is done for one event, in the driver (cycle.c), in mutators, in workloads ---- */

struct scratch {
  struct gc_heap *heap;
  struct pause_log pauses;
  struct memory_log memory; /* nobody takes from it: what a full ring costs is little less */
  struct histogram histogram;
  struct thread_log threads;
  uint64_t sink;
};

static void do_clocks(struct scratch *scratch) { scratch->sink += clock_now_ns() - clock_now_ns(); }

static void do_cpu_edge(struct scratch *scratch) {
  uint64_t asked = 0;
  scratch->sink += cpu_clock_ns(&asked) + gang_job_cpu_ns(&scratch->heap->gang);
}

static void do_cpu_reading(struct scratch *scratch) { scratch->sink += clock_thread_cpu_ns(); }

static void do_record_pause(struct scratch *scratch) {
  uint64_t now_ns = clock_now_ns();
  pause_record(&scratch->pauses, (struct pause_event){now_ns, now_ns + 1000, now_ns + 30000, .lost_known = true});
}

/* Of who has kept its processor, and of who asks the kernel, as for each helper. */
static void do_lost(struct scratch *scratch) {
  struct gang alone = {.count = 1};
  struct lost_watch watch = {0};
  uint64_t lost_ns;
  lost_begin(&watch, &alone);
  lost_end(&watch, &alone, &lost_ns);
  scratch->sink += lost_ns;
}

static void do_run_delay(struct scratch *scratch) {
  uint64_t delay_ns;
  run_delay_read(run_delay_of_this_thread(), &delay_ns);
  scratch->sink += delay_ns;
}

static void do_record_value(struct scratch *scratch) {
  histogram_record(&scratch->histogram, 12345 + scratch->sink % 1000);
}

static void do_note_memory(struct scratch *scratch) {
  memory_log_record(&scratch->memory, (struct memory_sample){clock_now_ns(), 1 << 20, 1 << 21, 1 << 16, 1 << 19});
}

static void do_note_thread(struct scratch *scratch) {
  uint64_t begin_ns = clock_now_ns();
  thread_log_record(&scratch->threads, (struct thread_event){begin_ns, clock_now_ns() - begin_ns, 1, 1, THREAD_STALL});
}

static uint64_t thread_events(const struct measured *measured) {
  uint64_t sum = 0;
  for (unsigned kind = 0; kind < THREAD_EVENT_KINDS; kind++)
    sum += measured->threads.durations[kind].count;
  return sum;
}

static int compare_ns(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

/* Of the fastest batch: others lost the processor.  The first also takes memory that later events find there. */
static double unit_ns(struct scratch *scratch, void (*event)(struct scratch *)) {
  uint64_t least_ns = UINT64_MAX;
  for (unsigned batch = 0; batch < BATCHES; batch++) {
    uint64_t begin_ns = clock_now_ns();
    for (unsigned i = 0; i < ROUNDS; i++)
      event(scratch);
    uint64_t batch_ns = clock_now_ns() - begin_ns;
    least_ns = batch_ns < least_ns ? batch_ns : least_ns;
  }
  return (double)least_ns / ROUNDS;
}

/* Of an event that is a system call, which a program meets with the caches full of other things: the median of some
 * after each of which all of the second-level cache is somebody else's. */
static double cold_unit_ns(struct scratch *scratch, void (*event)(struct scratch *)) {
  static uint8_t other[COLD_BYTES];
  uint64_t took_ns[COLD_ROUNDS];
  for (unsigned i = 0; i < COLD_ROUNDS; i++) {
    for (size_t at = 0; at < sizeof other; at += GC_CACHE_LINE_BYTES)
      other[at]++;
    uint64_t begin_ns = clock_now_ns();
    event(scratch);
    took_ns[i] = clock_now_ns() - begin_ns;
  }
  qsort(took_ns, COLD_ROUNDS, sizeof took_ns[0], compare_ns);
  return (double)took_ns[COLD_ROUNDS / 2];
}

/* ---- the sum ---- */

struct row {
  const char *name;
  uint64_t count;
  double unit_ns;
};

static json_t *report_rows(const struct row *rows, size_t count, double *sum_ns) {
  json_t *units = json_object();
  for (size_t i = 0; i < count; i++) {
    *sum_ns += (double)rows[i].count * rows[i].unit_ns;
    json_object_set_new(units, rows[i].name,
                        json_pack("{sI sf}", "n", (json_int_t)rows[i].count, "unit_ns", rows[i].unit_ns));
  }
  return units;
}

static const char *why_not(const struct gc_heap *heap, bool scheduled) {
  if (heap->config.unmeasured)
    return "--instrumentation=off: there was none but two clocks for an iteration";
  return scheduled ? "under a schedule clocks count steps" : NULL;
}

void instrumentation_report(json_t *quality, struct gc_heap *heap, const struct measured *measured,
                            const struct samples *samples, bool scheduled) {
  static struct scratch scratch; /* with its ring too large for a stack */
  if (why_not(heap, scheduled)) {
    report_null(quality, "instrumentation_ns", why_not(heap, scheduled));
    report_null(quality, "instrumentation_share", "see instrumentation_ns");
    return;
  }
  scratch.heap = heap;
  pause_log_init(&scratch.pauses);
  thread_log_init(&scratch.threads);
  double clocks_ns = unit_ns(&scratch, do_clocks), cpu_edge_ns = unit_ns(&scratch, do_cpu_edge);
  double value_ns = unit_ns(&scratch, do_record_value), memory_ns = unit_ns(&scratch, do_note_memory);
  double record_ns = unit_ns(&scratch, do_record_pause), lost_ns = unit_ns(&scratch, do_lost);
  double run_delay_ns = cold_unit_ns(&scratch, do_run_delay);
  uint64_t cycles = measured->post_gc.count;
  const struct row rows[] = {
      {"pause", measured->total.count, 1.5 * clocks_ns + record_ns},
      {"cpu_edge", 2 * measured->total.count + 4 * cycles, cpu_edge_ns}, /* pauses, cycles, who drives them */
      {"cpu_reading", measured->cpu_readings, cold_unit_ns(&scratch, do_cpu_reading)},
      {"lost_scheduling", measured->lost.count, lost_ns + 2 * (heap->gang.count - 1) * run_delay_ns},
      {"handshake", measured->handshake.count, clocks_ns + value_ns},
      {"cycle", cycles, memory_ns + clocks_ns}, /* its row of gc.csv */
      {"thread_event", thread_events(measured), unit_ns(&scratch, do_note_thread)},
      {"stall", measured->stalls, clocks_ns},
      {"slow_poll", measured->slow_polls, 2 * clocks_ns}, /* a stop reads four times, anything else twice */
      {"latency", measured->requests.latency.count, value_ns},
      {"memory_sample", samples->looks, samples->looks ? (double)samples->look_ns / (double)samples->looks : 0},
  };
  double sum_ns = 0;
  json_object_set_new(quality, "instrumentation_units", report_rows(rows, sizeof rows / sizeof rows[0], &sum_ns));
  json_object_set_new(quality, "instrumentation_ns", json_integer((json_int_t)sum_ns));
  if (measured->wall_ns)
    json_object_set_new(quality, "instrumentation_share", json_real(sum_ns / (double)measured->wall_ns));
  else
    report_null(quality, "instrumentation_share", "no iteration was timed");
  pause_log_fini(&scratch.pauses);
  thread_log_fini(&scratch.threads);
  memory_log_fini(&scratch.memory);
  histogram_fini(&scratch.histogram);
}
