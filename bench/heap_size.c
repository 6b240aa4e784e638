#include "bench/heap_size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/launch.h"
#include "bench/text.h"
#include "runtime/cycle/heap.h"

void heap_size_read(const char *text, size_t *bytes, double *factor) {
  char *end;
  *bytes = 0;
  *factor = strtod(text, &end);
  if (end != text && strcmp(end, "x") == 0 && *text >= '0' && *text <= '9') {
    if (!(*factor >= 0.1 && *factor <= 1000))
      usage_error("--heap cannot be '%s': a factor is from 0.1x to 1000x", text);
    return;
  }
  double size;
  *factor = 0;
  if (!option_parse_bytes(text, &size))
    usage_error("--heap cannot be '%s': write a size such as 64M, or a factor such as 2x", text);
  if (size > 0x1p46)
    usage_error("--heap cannot be '%s': it is at most 64T", text);
  *bytes = (size_t)size;
}

void heap_size_require_least(const struct collector_choice *collector, size_t heap_bytes, const char *text) {
  size_t least_bytes = heap_least_bytes(collector->collector);
  char least[32];
  text_format_bytes((double)least_bytes, least, sizeof least);
  if (heap_bytes < least_bytes)
    usage_error("--heap %s is %zu bytes: %s needs at least %s to start", text, heap_bytes, collector->text, least);
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
