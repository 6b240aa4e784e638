/* nominal_statistics.c -- each nominal statistic: its code, what it says, and its value from a workload's records.
 *
 * A value is the mean over the invocations of what each of them has, which is the mean over its measured iterations. */
#include <math.h>
#include <string.h>

#include "bench/nominal.h"
#include "bench/record_path.h"
#include "bench/stats/metric.h"

/* The heap of 1.5 and not 1 times the smallest: that one is the most frugal collector's, not this one's. */
const struct nominal_condition nominal_cases[NOMINAL_CASES] = {
    [NOMINAL_TIGHT] = {"marksweep", 1.5},
    [NOMINAL_USUAL] = {"marksweep", 2},
    [NOMINAL_AMPLE] = {"marksweep", 6},
    [NOMINAL_NURSERY] = {"generational,nursery=1M,sizing=fixed,age=1", 6},
};

/* ---- from records ---- */

static double mean_of(const json_t *records, enum nominal_case condition, const char *metric) {
  const struct nominal_condition *wanted = &nominal_cases[condition];
  double sum = 0;
  size_t i, count = 0;
  json_t *record;
  json_array_foreach(records, i, record) {
    if (strcmp(record_text(record, "subject.collector_text"), wanted->collector) != 0 ||
        record_number(record, "subject.heap_factor") != wanted->heap_factor)
      continue;
    sum += metric_of(record, metric);
    count++;
  }
  return count ? sum / (double)count : NAN;
}

static double timed(const struct nominal_work *work, enum nominal_case condition, const char *metric) {
  return mean_of(work->records[NOMINAL_TIMES], condition, metric);
}
static double usual(const struct nominal_work *work, const char *metric) { return timed(work, NOMINAL_USUAL, metric); }
static double counted(const struct nominal_work *work, const char *metric) {
  return mean_of(work->records[NOMINAL_COUNTS], NOMINAL_AMPLE, metric);
}

/* 0 / 0 is not known, and neither is anything else / 0. */
static double ratio(double a, double b) { return b != 0 ? a / b : NAN; }

/* ---- allocation and references ---- */

static double allocated_per_second(const struct nominal_work *w) { return usual(w, "alloc_bytes_per_s"); }
static double objects(const struct nominal_work *w) { return counted(w, "alloc_objects"); }
static double objects_per_us(const struct nominal_work *w) { return ratio(objects(w), usual(w, "wall_ns") / 1e3); }
static double size_mean(const struct nominal_work *w) {
  return ratio(counted(w, "barriers.requested_bytes"), objects(w));
}
static double size_p10(const struct nominal_work *w) { return counted(w, "object_bytes.p10"); }
static double size_p50(const struct nominal_work *w) { return counted(w, "object_bytes.p50"); }
static double size_p90(const struct nominal_work *w) { return counted(w, "object_bytes.p90"); }
static double fields(const struct nominal_work *w) { return counted(w, "barriers.allocated_fields"); }
static double fields_per_object(const struct nominal_work *w) { return ratio(fields(w), objects(w)); }
static double fields_per_100_bytes(const struct nominal_work *w) {
  return ratio(100 * fields(w), counted(w, "barriers.requested_bytes"));
}
static double stores(const struct nominal_work *w) {
  return counted(w, "barriers.stores") + counted(w, "barriers.swaps") + counted(w, "barriers.cas") +
         counted(w, "barriers.copied_fields");
}
static double stores_per_object(const struct nominal_work *w) { return ratio(stores(w), objects(w)); }
static double stores_per_ms(const struct nominal_work *w) { return ratio(stores(w), usual(w, "wall_ns") / 1e6); }
static double loads_per_object(const struct nominal_work *w) {
  return ratio(counted(w, "barriers.loads") + counted(w, "barriers.weak_loads"), objects(w));
}

/* ---- memory and time ---- */

static double smallest_heap(const struct nominal_work *w) {
  double timed_bytes = timed(w, NOMINAL_AMPLE, "subject.minheap_bytes");
  return isfinite(timed_bytes) ? timed_bytes : counted(w, "subject.minheap_bytes");
}
static double turnover(const struct nominal_work *w) {
  return ratio(timed(w, NOMINAL_AMPLE, "alloc_bytes"), smallest_heap(w));
}
static double live(const struct nominal_work *w) { return usual(w, "mean_live_after_gc_bytes"); }
static double survival(const struct nominal_work *w) {
  return 100 * ratio(timed(w, NOMINAL_NURSERY, "copied_bytes"), timed(w, NOMINAL_NURSERY, "alloc_bytes"));
}
static double collections(const struct nominal_work *w) {
  return usual(w, "gc_count.minor") + usual(w, "gc_count.major") + usual(w, "gc_count.emergency");
}
static double cpu_share(const struct nominal_work *w) {
  return 100 * ratio(usual(w, "gc_cpu_ns"), usual(w, "task_clock_ns"));
}
static double stopped_share(const struct nominal_work *w) {
  return 100 * ratio(usual(w, "stw_ns"), usual(w, "wall_ns"));
}
static double sensitivity(const struct nominal_work *w) {
  return 100 * (ratio(timed(w, NOMINAL_TIGHT, "wall_ns"), timed(w, NOMINAL_AMPLE, "wall_ns")) - 1);
}
static double milliseconds(const struct nominal_work *w) { return usual(w, "wall_ns") / 1e6; }

const struct nominal_statistic nominal_statistics[] = {
    {"ARA", "bytes allocated per s", "bytes handed out for objects in each second of wall time", NOMINAL_BYTES,
     allocated_per_second},
    {"ARO", "objects allocated per us", "objects allocated in each microsecond of wall time", NOMINAL_NUMBER,
     objects_per_us},
    {"AOA", "object size, mean, bytes", "of the objects allocated, header included", NOMINAL_NUMBER, size_mean},
    {"AOS", "object size, p10, bytes", "a tenth of the objects is no larger; sizes are rounded up to 8 bytes",
     NOMINAL_NUMBER, size_p10},
    {"AOM", "object size, median, bytes", "half of the objects are no larger", NOMINAL_NUMBER, size_p50},
    {"AOL", "object size, p90, bytes", "nine tenths of the objects are no larger", NOMINAL_NUMBER, size_p90},
    {"ARD", "references per object", "fields and array slots for references in an object, null or not", NOMINAL_NUMBER,
     fields_per_object},
    {"ARB", "references per 100 bytes", "the same for each 100 bytes of objects", NOMINAL_NUMBER, fields_per_100_bytes},
    {"BSO", "stores per object", "references stored into objects for each object allocated; initialising stores apart",
     NOMINAL_NUMBER, stores_per_object},
    {"BSM", "stores per ms", "references stored into objects in each millisecond of wall time", NOMINAL_NUMBER,
     stores_per_ms},
    {"BLO", "loads per object", "references loaded from objects for each object allocated", NOMINAL_NUMBER,
     loads_per_object},
    {"GMD", "smallest heap", "in which any reclaiming collector completes it (`gclab minheap`)", NOMINAL_BYTES,
     smallest_heap},
    {"GTO", "turnover", "bytes allocated over those of the smallest heap", NOMINAL_NUMBER, turnover},
    {"GCA", "live after a collection", "bytes of objects that a full collection found alive, on average, at 2x",
     NOMINAL_BYTES, live},
    {"GSV", "survive a 1M nursery, %", "of the bytes allocated, those copied out of a nursery of 1 MB", NOMINAL_NUMBER,
     survival},
    {"GCC", "collections at 2x", "under marksweep in twice the smallest heap", NOMINAL_NUMBER, collections},
    {"GCS", "collector's CPU at 2x, %", "its share of the CPU time", NOMINAL_NUMBER, cpu_share},
    {"GCP", "stopped at 2x, %", "the share of wall time in which the program is stopped", NOMINAL_NUMBER,
     stopped_share},
    {"GSS", "slower at 1.5x than 6x, %", "sensitivity to the heap's size, under marksweep", NOMINAL_NUMBER,
     sensitivity},
    {"PET", "milliseconds at 2x", "wall time of an iteration under marksweep", NOMINAL_NUMBER, milliseconds},
};
const size_t nominal_statistic_count = sizeof nominal_statistics / sizeof nominal_statistics[0];
