#include "bench/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/os/clock.h"

enum { COLUMNS = 79 };

void progress_begin(struct progress *progress, unsigned total) {
  const char *terminal = getenv("TERM");
  *progress = (struct progress){.total = total, .begin_ns = clock_now_ns()};
  progress->terminal = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

static void format_time(uint64_t ns, char *text, size_t text_bytes) {
  unsigned seconds = (unsigned)(ns / 1000000000u);
  if (seconds < 3600)
    snprintf(text, text_bytes, "%u:%02u", seconds / 60, seconds % 60);
  else
    snprintf(text, text_bytes, "%u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

void progress_tick(void *context) {
  struct progress *progress = context;
  if (!progress->terminal)
    return;
  uint64_t now_ns = clock_now_ns();
  char gone[16], left[40] = "", line[256];
  format_time(now_ns - progress->begin_ns, gone, sizeof gone);
  if (progress->done || progress->left_ns) {
    uint64_t expected_ns = progress->left_ns;
    if (!expected_ns)
      expected_ns = progress->steps_ns / progress->done * (progress->total - progress->done);
    uint64_t in_step_ns = now_ns - progress->step_begin_ns;
    strcpy(left, ", about ");
    format_time(expected_ns > in_step_ns ? expected_ns - in_step_ns : 0, left + strlen(left), 16);
    strcat(left, " left");
  }
  char times[64];
  int times_length = snprintf(times, sizeof times, "  %s%s", gone, left);
  char number[32] = "";
  if (progress->total)
    snprintf(number, sizeof number, "[%u/%u] ", progress->done + 1, progress->total);
  snprintf(line, sizeof line, "%s%.*s%s", number, COLUMNS - (int)strlen(number) - times_length, progress->step, times);
  fprintf(stderr, "\r%s\033[K", line);
  fflush(stderr);
}

void progress_step(struct progress *progress, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(progress->step, sizeof progress->step, format, arguments);
  va_end(arguments);
  progress->step_begin_ns = clock_now_ns();
  progress_tick(progress);
}

void progress_step_done(struct progress *progress, const char *outcome) {
  uint64_t elapsed_ns = clock_now_ns() - progress->step_begin_ns;
  progress->done++;
  progress->steps_ns += elapsed_ns;
  if (!progress->terminal)
    fprintf(stderr, "[%u/%u] %s: %s, %.1f s\n", progress->done, progress->total, progress->step, outcome,
            (double)elapsed_ns / 1e9);
}

void progress_clear(struct progress *progress) {
  if (progress->terminal)
    fprintf(stderr, "\r\033[K");
}
