#include "bench/samples.h"

#include <fcntl.h>
#include <unistd.h>

#include "runtime/os/clock.h"
#include "runtime/os/thread.h"

enum { PERIOD_NS = 100000000 };

/* ---- one look ---- */

/* The resident size now; 0 if /proc is not there. */
static size_t resident_bytes(const struct samples *samples) {
  char line[128];
  unsigned long resident = 0;
  ssize_t length = pread(samples->statm, line, sizeof line - 1, 0);
  line[length > 0 ? length : 0] = 0;
  if (sscanf(line, "%*u %lu", &resident) != 1)
    return 0;
  return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void write_row(struct samples *samples, const struct memory_sample *sample, size_t rss_bytes) {
  uint64_t origin_ns = samples->heap->seconds_origin_ns;
  fprintf(samples->file, "%llu,", (unsigned long long)(sample->at_ns > origin_ns ? sample->at_ns - origin_ns : 0));
  if (rss_bytes)
    fprintf(samples->file, "%zu", rss_bytes);
  fprintf(samples->file, ",%zu,%zu,%zu\r\n", sample->committed_bytes, sample->used_bytes, sample->metadata_bytes);
  samples->rows++;
}

/* Writes what the last look saw, if that was before `at_ns`. */
static void write_held(struct samples *samples, uint64_t at_ns) {
  if (samples->held.at_ns && samples->held.at_ns <= at_ns) {
    write_row(samples, &samples->held, samples->held_rss_bytes);
    samples->held.at_ns = 0;
  }
}

/* The cycles that ended since the last look, and what that one saw at its place among them: a cycle that ended just
 * before it may have told so only afterwards.  Then the state now, which is held until the next look. */
static void look(struct samples *samples) {
  struct heap_memory *memory = &samples->heap->memory;
  uint64_t begin_ns = clock_thread_cpu_ns();
  for (struct memory_sample cycle; memory_log_take(&samples->heap->memory_log, &cycle);) {
    write_held(samples, cycle.at_ns);
    write_row(samples, &cycle, 0);
  }
  write_held(samples, UINT64_MAX);
  size_t rss_bytes = resident_bytes(samples);
  samples->held =
      (struct memory_sample){clock_now_ns(), atomic_load_explicit(&memory->used_bytes, memory_order_relaxed),
                             memory_committed(memory),
                             atomic_load_explicit(&memory->metadata_bytes, memory_order_relaxed), 0};
  samples->held_rss_bytes = rss_bytes;
  samples->peak_rss_bytes = rss_bytes > samples->peak_rss_bytes ? rss_bytes : samples->peak_rss_bytes;
  samples->looks++;
  samples->look_ns += clock_thread_cpu_ns() - begin_ns;
}

/* ---- the thread ---- */

/* Whether the sampler goes on.  Looks come PERIOD_NS apart, or more if the processors are busy. */
static bool wait_for_next(struct samples *samples) {
  uint64_t until_ns = clock_now_ns() + PERIOD_NS;
  struct timespec until = {(time_t)(until_ns / 1000000000u), (long)(until_ns % 1000000000u)};
  int status = 0;
  pthread_mutex_lock(&samples->lock);
  while (!samples->quit && (samples->resting || status == 0))
    status = samples->resting ? pthread_cond_wait(&samples->changed, &samples->lock)
                              : pthread_cond_timedwait(&samples->changed, &samples->lock, &until);
  bool quit = samples->quit;
  pthread_mutex_unlock(&samples->lock);
  return !quit;
}

static void *sampler(void *argument) {
  struct samples *samples = argument;
  do
    look(samples);
  while (wait_for_next(samples));
  look(samples);
  write_held(samples, UINT64_MAX);
  return NULL;
}

static void close_files(struct samples *samples) {
  if (samples->statm >= 0)
    close(samples->statm);
  fclose(samples->file);
  samples->file = NULL;
}

bool samples_start(struct samples *samples, struct gc_heap *heap, const char *path) {
  *samples = (struct samples){.heap = heap, .file = fopen(path, "w")};
  if (!samples->file)
    return false;
  fprintf(samples->file, "t_ns,rss_bytes,committed_bytes,used_bytes,side_metadata_bytes\r\n");
  pthread_mutex_init(&samples->lock, NULL);
  thread_cond_init(&samples->changed);
  samples->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC); /* opening it takes longer than reading it */
  if (thread_start(&samples->thread, "sampler", sampler, samples))
    return true;
  close_files(samples);
  return false;
}

void samples_run(struct samples *samples, bool looks) {
  if (!samples->file)
    return;
  pthread_mutex_lock(&samples->lock);
  samples->resting = !looks;
  pthread_cond_signal(&samples->changed);
  pthread_mutex_unlock(&samples->lock);
}

void samples_stop(struct samples *samples) {
  if (!samples->file)
    return;
  pthread_mutex_lock(&samples->lock);
  samples->quit = true;
  pthread_cond_signal(&samples->changed);
  pthread_mutex_unlock(&samples->lock);
  pthread_join(samples->thread, NULL);
  close_files(samples);
  pthread_cond_destroy(&samples->changed);
  pthread_mutex_destroy(&samples->lock);
}
