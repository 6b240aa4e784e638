#include "bench/heap_size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/launch.h"
#include "bench/text.h"
#include "runtime/cycle/heap.h"

bool heap_size_parse(const char *text, size_t *bytes, double *factor, char *message, size_t message_bytes) {
  char *end;
  *bytes = 0;
  *factor = strtod(text, &end);
  if (end != text && strcmp(end, "x") == 0 && *text >= '0' && *text <= '9') {
    bool fits = *factor >= 0.1 && *factor <= 1000;
    if (!fits)
      snprintf(message, message_bytes, "a heap cannot be '%s': a factor is from 0.1x to 1000x", text);
    return fits;
  }
  double size;
  *factor = 0;
  if (!option_parse_bytes(text, &size)) {
    snprintf(message, message_bytes, "a heap cannot be '%s': write a size such as 64M, or a factor such as 2x", text);
    return false;
  }
  if (size > 0x1p46) {
    snprintf(message, message_bytes, "a heap cannot be '%s': it is at most 64T", text);
    return false;
  }
  *bytes = (size_t)size;
  return true;
}

void heap_size_read(const char *text, size_t *bytes, double *factor) {
  char message[256];
  if (!heap_size_parse(text, bytes, factor, message, sizeof message))
    usage_error("--heap: %s", message);
}

size_t heap_size_of_factor(double factor, size_t least_bytes) {
  return (size_t)(factor * (double)least_bytes) & ~(size_t)4095;
}

bool heap_size_suffices(const struct collector_choice *collector, size_t heap_bytes, const char *text, char *message,
                        size_t message_bytes) {
  size_t least_bytes = heap_least_bytes(collector->collector);
  char least[32];
  text_format_bytes((double)least_bytes, least, sizeof least);
  if (heap_bytes >= least_bytes)
    return true;
  snprintf(message, message_bytes, "a heap of %s is %zu bytes: %s needs at least %s to start", text, heap_bytes,
           collector->text, least);
  return false;
}

void heap_size_require_least(const struct collector_choice *collector, size_t heap_bytes, const char *text) {
  char message[SUBJECT_TEXT_BYTES + 256];
  if (!heap_size_suffices(collector, heap_bytes, text, message, sizeof message))
    usage_error("--heap: %s", message);
}

bool heap_size_find_least(struct minheap *found, const struct options *options,
                          const struct workload_choice *workload) {
  if (minheap_find(found, options, workload))
    return true;
  if (!launch_interrupted())
    usage_error("--heap %s: no collector completes %s: %s", options->heap, workload->text, found->problem);
  fprintf(stderr, "gclab: interrupted while measuring the smallest heap: nothing was recorded\n");
  return false;
}
