#include "runtime/tools/words.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/base/bits.h"
#include "runtime/object/type.h"

enum { ENDS_STEPS = 8, PLACE_BYTES = 96 };

static const char *type_name(const struct graph *graph, uint32_t node) {
  const char *name = gc_types[graph->nodes[node].type].name;
  return name ? name : "?";
}

static void root_words(const struct graph_root *root, char *text, size_t text_bytes) {
  switch (root->kind) {
  case GRAPH_ROOT_GLOBALS: snprintf(text, text_bytes, "globals"); break;
  case GRAPH_ROOT_LOCAL:
    snprintf(text, text_bytes, "local %u of frame %u of mutator %u", root->index, root->frame, root->mutator);
    break;
  case GRAPH_ROOT_DUE_FINALIZER: snprintf(text, text_bytes, "due finalizer %u", root->index); break;
  case GRAPH_ROOT_GARBAGE: snprintf(text, text_bytes, "uncollectable %u", root->index); break;
  }
}

void words_place(const struct graph *graph, uint32_t source, size_t edge, char *text, size_t text_bytes) {
  size_t offset_bytes = (size_t)graph->edges[edge].place * sizeof(gc_field);
  if (source == GRAPH_ROOTS)
    root_words(&graph->roots[graph->edges[edge].place], text, text_bytes);
  else if (graph->nodes[source].type == GC_TYPE_GLOBALS)
    snprintf(text, text_bytes, "globals[%zu]", (offset_bytes - offsetof(struct gc_globals, slot)) / sizeof(gc_field));
  else if (gc_types[graph->nodes[source].type].kind == GC_KIND_REF_ARRAY)
    snprintf(text, text_bytes, "%s[%zu]", type_name(graph, source),
             (offset_bytes - offsetof(struct gc_array, slot)) / sizeof(gc_field));
  else
    snprintf(text, text_bytes, "%s+%zu", type_name(graph, source), offset_bytes);
}

struct line {
  char *text;
  size_t used, bytes;
};

static void add(struct line *line, const char *format, ...) GC_PRINTF(2, 3);
static void add(struct line *line, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int written = vsnprintf(line->text + line->used, line->bytes - line->used, format, arguments);
  va_end(arguments);
  line->used = size_min(line->used + (size_t)written, line->bytes - 1);
}

void words_path(const struct paths *paths, uint32_t node, char *text, size_t text_bytes) {
  size_t length = paths_length(paths, node), head = size_min(length, ENDS_STEPS);
  size_t tail = size_min(length - head, ENDS_STEPS);
  uint32_t steps[2 * ENDS_STEPS]; /* what each of the told edges leads to */
  uint32_t at = node;
  for (size_t i = length; i-- > 0; at = paths->parents[at])
    if (i < head)
      steps[i] = at;
    else if (i >= length - tail)
      steps[head + i - (length - tail)] = at;
  struct line line = {text, 0, text_bytes};
  *text = '\0';
  for (size_t i = 0; i < head + tail; i++) {
    char place[PLACE_BYTES];
    uint32_t source = paths->parents[steps[i]];
    if (i == head && length > head + tail)
      add(&line, "... %zu more ... -> ", length - head - tail);
    if (source == GRAPH_ROOTS && paths->graph->nodes[steps[i]].type == GC_TYPE_GLOBALS)
      continue; /* the next place says so */
    words_place(paths->graph, source, paths->edges[steps[i]], place, sizeof place);
    add(&line, "%s -> ", place);
  }
  add(&line, "%s", type_name(paths->graph, node));
}
