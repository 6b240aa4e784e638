#include "bench/pace.h"

#include <stdlib.h>
#include <string.h>

bool pace_init(struct pace *pace, size_t case_count) {
  *pace = (struct pace){.cases = calloc(case_count + 1, sizeof *pace->cases), .case_count = case_count};
  return pace->cases != NULL;
}

void pace_fini(struct pace *pace) {
  for (size_t i = 0; i < pace->case_count; i++)
    free(pace->cases[i].elapsed_ns);
  free(pace->cases);
  *pace = (struct pace){0};
}

void pace_add(struct pace *pace, size_t index, uint64_t elapsed_ns) {
  struct pace_case *c = &pace->cases[index];
  pace->sum_ns += elapsed_ns;
  pace->count++;
  if (c->count == c->capacity) {
    size_t capacity = 2 * c->capacity + 8;
    uint64_t *grown = realloc(c->elapsed_ns, capacity * sizeof *grown);
    if (!grown)
      return; /* the median of those before does */
    c->elapsed_ns = grown;
    c->capacity = capacity;
  }
  size_t at = c->count++;
  for (; at > 0 && c->elapsed_ns[at - 1] > elapsed_ns; at--)
    c->elapsed_ns[at] = c->elapsed_ns[at - 1];
  c->elapsed_ns[at] = elapsed_ns;
}

uint64_t pace_expect(const struct pace *pace, size_t index) {
  const struct pace_case *c = &pace->cases[index];
  if (c->count)
    return (c->elapsed_ns[(c->count - 1) / 2] + c->elapsed_ns[c->count / 2]) / 2;
  if (c->estimate_ns)
    return c->estimate_ns;
  return pace->count ? pace->sum_ns / pace->count : 0;
}
