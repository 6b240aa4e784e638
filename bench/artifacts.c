#include "bench/artifacts.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static const char *const cycle_kind_names[GC_CYCLE_KINDS] = {"", "minor", "major", "emergency"};
static const char *const reason_names[GC_REASONS] = {"allocation", "pacing", "explicit_young", "explicit_full",
                                                     "last_resort"};

static FILE *create(const char *folder, const char *name, const char *header) {
  char path[PATH_MAX];
  if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path) {
    errno = ENAMETOOLONG;
    return NULL;
  }
  FILE *file = fopen(path, "w");
  if (file)
    fprintf(file, "%s\r\n", header);
  return file;
}

bool artifacts_open(struct artifacts *artifacts, const char *folder) {
  *artifacts = (struct artifacts){.folder = folder};
  if (!folder)
    return true;
  artifacts->gc = create(folder, "gc.csv",
                         "gc_id,kind,reason,begin_ns,end_ns,pauses,stw_ns,cpu_ns,used_before_bytes,used_after_bytes,"
                         "side_metadata_bytes");
  artifacts->pauses = artifacts->gc
                          ? create(folder, "pauses.csv", "kind,gc_id,thread,begin_ns,duration_ns,run_delay_ns")
                          : NULL;
  if (artifacts->pauses)
    return true;
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

void artifacts_add(struct artifacts *artifacts, struct gc_heap *heap) {
  if (!artifacts->folder)
    return;
  add_cycles(artifacts->gc, heap);
  add_pauses(artifacts->pauses, heap);
  fflush(artifacts->gc);
  fflush(artifacts->pauses);
}

static void close_file(const struct artifacts *artifacts, FILE *file, const char *name) {
  bool failed = ferror(file);
  if (fclose(file) != 0 || failed)
    fprintf(stderr, "gclab: '%s/%s' is cut short: %s\n", artifacts->folder, name, strerror(errno));
}

void artifacts_close(struct artifacts *artifacts) {
  if (!artifacts->folder)
    return;
  close_file(artifacts, artifacts->gc, "gc.csv");
  close_file(artifacts, artifacts->pauses, "pauses.csv");
  artifacts->folder = NULL;
}
