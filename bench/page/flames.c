#include "bench/page/flames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stack {
  char *text; /* frames apart by semicolons */
  double bytes;
};

struct stacks {
  struct stack *items;
  size_t count, capacity;
  double bytes; /* of all */
};

static int most_first(const void *a, const void *b) {
  double x = ((const struct stack *)a)->bytes, y = ((const struct stack *)b)->bytes;
  return x < y ? 1 : x > y ? -1 : 0;
}

/* Makes the list half as long as it may be, once it is as long as it may be: memory does not depend on the file. */
static void drop_smallest(struct stacks *stacks, size_t keep) {
  qsort(stacks->items, stacks->count, sizeof *stacks->items, most_first);
  while (stacks->count > keep)
    free(stacks->items[--stacks->count].text);
}

/* A line is "outer;inner;type bytes"; the names have blanks, so that the last blank counts. */
static void add_line(struct stacks *stacks, char *line) {
  char *blank = strrchr(line, ' '), *end;
  if (!blank)
    return;
  double bytes = strtod(blank + 1, &end);
  if (end == blank + 1 || !(bytes > 0))
    return;
  *blank = 0;
  stacks->bytes += bytes;
  if (stacks->count == stacks->capacity)
    drop_smallest(stacks, FLAMES_STACKS_MAX);
  char *text = strdup(line);
  if (text)
    stacks->items[stacks->count++] = (struct stack){text, bytes};
}

static json_t *frames_json(char *text) {
  json_t *frames = json_array();
  for (char *frame; (frame = strsep(&text, ";"));)
    json_array_append_new(frames, json_string(frame));
  return frames;
}

static json_t *stacks_json(struct stacks *stacks, const char *path) {
  json_t *array = json_array();
  drop_smallest(stacks, FLAMES_STACKS_MAX);
  for (size_t i = 0; i < stacks->count; i++)
    json_array_append_new(array, json_pack("[of]", frames_json(stacks->items[i].text), stacks->items[i].bytes));
  return json_pack("{ss sf so}", "file", path, "bytes", stacks->bytes, "stacks", array);
}

json_t *flames_json(const struct page_case *c) {
  FILE *file = NULL;
  const char *path = NULL;
  for (size_t i = 0; i < c->file_count && !file; i++)
    if ((path = c->files[i].profile))
      file = fopen(path, "r");
  if (!file)
    return NULL;
  struct stacks stacks = {.capacity = 2 * FLAMES_STACKS_MAX};
  stacks.items = calloc(stacks.capacity, sizeof *stacks.items);
  char *line = NULL;
  size_t line_bytes = 0;
  while (stacks.items && getline(&line, &line_bytes, file) > 0)
    add_line(&stacks, line);
  json_t *json = stacks.items ? stacks_json(&stacks, path) : NULL;
  drop_smallest(&stacks, 0);
  free(stacks.items);
  free(line);
  fclose(file);
  return json;
}
