#include "bench/artifacts.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "runtime/os/clock.h"
#include "runtime/stats/hlog.h"

static const char *const cycle_kind_names[GC_CYCLE_KINDS] = {"", "minor", "major", "emergency"};
static const char *const reason_names[GC_REASONS] = {"allocation", "pacing", "explicit_young", "explicit_full",
                                                     "last_resort"};

static FILE *create(const char *folder, const char *name) {
  char path[PATH_MAX];
  if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path) {
    errno = ENAMETOOLONG;
    return NULL;
  }
  return fopen(path, "w");
}

bool artifacts_open(struct artifacts *artifacts, const char *folder) {
  *artifacts = (struct artifacts){.folder = folder};
  if (!folder)
    return true;
  artifacts->gc = create(folder, "gc.csv");
  artifacts->pauses = artifacts->gc ? create(folder, "pauses.csv") : NULL;
  if (artifacts->pauses) {
    fprintf(artifacts->gc, "gc_id,kind,reason,begin_ns,end_ns,pauses,stw_ns,cpu_ns,used_before_bytes,used_after_bytes,"
                           "side_metadata_bytes\r\n");
    fprintf(artifacts->pauses, "kind,gc_id,thread,begin_ns,duration_ns,run_delay_ns\r\n");
    return true;
  }
  int why = errno;
  if (artifacts->gc)
    fclose(artifacts->gc);
  *artifacts = (struct artifacts){0};
  errno = why;
  return false;
}

/* ---- rows ---- */

static void add_cycles(FILE *file, const struct gc_heap *heap) {
  const struct cycle_log *log = &heap->cycle_log;
  uint64_t origin_ns = heap->seconds_origin_ns;
  for (size_t i = 0; i < log->count; i++) {
    const struct cycle_event *e = &log->events[i];
    fprintf(file, "%llu,%s,%s,%llu,%llu,%llu,%llu,%llu,%zu,%zu,%zu\r\n", (unsigned long long)e->id,
            cycle_kind_names[e->kind], reason_names[e->reason], (unsigned long long)(e->begin_ns - origin_ns),
            (unsigned long long)(e->end_ns - origin_ns), (unsigned long long)e->pauses, (unsigned long long)e->stw_ns,
            (unsigned long long)e->cpu_ns, e->used_before_bytes, e->used_after_bytes, e->metadata_bytes);
  }
}

/* Of the whole world: no thread is named. */
static void add_pause(FILE *file, const char *kind, uint64_t cycle, uint64_t begin_ns, uint64_t duration_ns) {
  fprintf(file, "%s,%llu,,%llu,%llu,", kind, (unsigned long long)cycle, (unsigned long long)begin_ns,
          (unsigned long long)duration_ns);
}

static void add_pauses(FILE *file, const struct gc_heap *heap) {
  const struct pause_log *log = &heap->pauses;
  uint64_t origin_ns = heap->seconds_origin_ns;
  for (size_t i = 0; i < log->count; i++) {
    const struct pause_event *e = &log->events[i];
    add_pause(file, "stw_total", e->cycle, e->request_ns - origin_ns, e->resumed_ns - e->request_ns);
    if (e->lost_known)
      fprintf(file, "%llu", (unsigned long long)e->lost_ns);
    fprintf(file, "\r\n");
    add_pause(file, "ttsp", e->cycle, e->request_ns - origin_ns, e->stopped_ns - e->request_ns);
    fprintf(file, "\r\n");
    add_pause(file, "stw_op", e->cycle, e->stopped_ns - origin_ns, e->resumed_ns - e->stopped_ns);
    fprintf(file, "\r\n");
  }
}

static void add_threads(FILE *file, const struct gc_heap *heap, const struct thread_log *log) {
  static const char *const names[THREAD_EVENT_KINDS] = {
      [THREAD_PAUSE] = "thread",
      [THREAD_HANDSHAKE] = "handshake",
      [THREAD_STALL] = "stall",
      [THREAD_ASSIST] = "assist"};
  for (size_t i = 0; i < log->count; i++) {
    const struct thread_event *e = &log->events[i];
    if (names[e->kind])
      fprintf(file, "%s,%llu,%u,%llu,%llu,\r\n", names[e->kind], (unsigned long long)e->cycle, e->thread,
              (unsigned long long)(e->begin_ns - heap->seconds_origin_ns), (unsigned long long)e->duration_ns);
  }
}

void artifacts_add(struct artifacts *artifacts, const struct gc_heap *heap, const struct measured *measured) {
  if (!artifacts->folder)
    return;
  add_cycles(artifacts->gc, heap);
  add_pauses(artifacts->pauses, heap);
  add_threads(artifacts->pauses, heap, &measured->threads);
  fflush(artifacts->gc);
  fflush(artifacts->pauses);
}

/* ---- distributions ---- */

struct tagged {
  const char *tag;
  const struct histogram *values;
};

static void close_file(const char *folder, FILE *file, const char *name) {
  bool failed = ferror(file);
  if (fclose(file) != 0 || failed)
    fprintf(stderr, "gclab: '%s/%s' is cut short: %s\n", folder, name, strerror(errno));
}

/* One interval: all that was measured. */
static void write_hlog(const char *folder, const char *name, const struct gc_heap *heap, const struct tagged *rows,
                       size_t count) {
  FILE *file = create(folder, name);
  if (!file) {
    fprintf(stderr, "gclab: '%s/%s' cannot be made: %s\n", folder, name, strerror(errno));
    return;
  }
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  double age_s = (double)(clock_now_ns() - heap->seconds_origin_ns) / 1e9;
  hlog_begin(file, (double)now.tv_sec + (double)now.tv_nsec / 1e9 - age_s);
  for (size_t i = 0; i < count; i++)
    if (!hlog_add(file, rows[i].tag, 0, age_s, rows[i].values))
      fprintf(stderr, "gclab: '%s/%s' lacks %s: no memory to encode it\n", folder, name, rows[i].tag);
  close_file(folder, file, name);
}

static void write_distributions(const char *folder, const struct gc_heap *heap, const struct measured *measured) {
  const struct requests *requests = &measured->requests;
  const struct tagged pauses[] = {{"pause.stw_total", &measured->total},
                                  {"pause.ttsp", &measured->ttsp},
                                  {"pause.stw_op", &measured->operation},
                                  {"pause.thread", &measured->threads.durations[THREAD_PAUSE]},
                                  {"pause.handshake", &measured->threads.durations[THREAD_HANDSHAKE]},
                                  {"pause.stall", &measured->threads.durations[THREAD_STALL]},
                                  {"pause.assist", &measured->threads.durations[THREAD_ASSIST]}};
  const struct tagged latencies[] = {
      {requests->open_loop ? "latency.planned" : "latency.simple", &requests->latency},
      {"latency.metered_100ms", &requests->metered_100ms},
      {"latency.metered_full", &requests->metered_full}};
  write_hlog(folder, "pauses.hlog", heap, pauses, sizeof pauses / sizeof *pauses);
  if (requests->latency.count)
    write_hlog(folder, "latency.hlog", heap, latencies, requests_metered(requests) ? 3 : 1);
}

void artifacts_close(struct artifacts *artifacts, const struct gc_heap *heap, const struct measured *measured) {
  const char *folder = artifacts->folder;
  if (!folder)
    return;
  close_file(folder, artifacts->gc, "gc.csv");
  close_file(folder, artifacts->pauses, "pauses.csv");
  write_distributions(folder, heap, measured);
  artifacts->folder = NULL;
}
