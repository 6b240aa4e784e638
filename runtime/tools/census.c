#include "runtime/tools/census.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/object/type.h"

bool census_init(struct census *census, const struct graph *graph) {
  struct census_row *by_type = calloc(GC_TYPE_TABLE, sizeof *by_type);
  *census = (struct census){0};
  if (!by_type)
    return false;
  for (size_t node = 1; node < graph->reachable; node++) {
    struct census_row *row = &by_type[graph->nodes[node].type];
    census->count += row->objects++ == 0;
    row->bytes += graph->nodes[node].bytes;
  }
  size_t kept = 0;
  for (uint32_t type = 0; type < GC_TYPE_TABLE; type++)
    if (by_type[type].objects)
      by_type[kept++] = (struct census_row){type, by_type[type].objects, by_type[type].bytes};
  census->rows = realloc(by_type, (kept + 1) * sizeof *by_type);
  if (!census->rows)
    free(by_type);
  return census->rows != NULL;
}

void census_fini(struct census *census) {
  free(census->rows);
  *census = (struct census){0};
}

bool census_diff(struct census *diff, const struct census *early, const struct census *late) {
  *diff = (struct census){.rows = calloc(early->count + late->count + 1, sizeof *diff->rows)};
  if (!diff->rows)
    return false;
  for (size_t e = 0, l = 0; e < early->count || l < late->count;) {
    struct census_row before = {0}, after = {0};
    uint32_t type = e == early->count || (l < late->count && late->rows[l].type < early->rows[e].type)
                        ? late->rows[l].type
                        : early->rows[e].type;
    if (e < early->count && early->rows[e].type == type)
      before = early->rows[e++];
    if (l < late->count && late->rows[l].type == type)
      after = late->rows[l++];
    if (before.objects != after.objects || before.bytes != after.bytes)
      diff->rows[diff->count++] =
          (struct census_row){type, after.objects - before.objects, after.bytes - before.bytes};
  }
  return true;
}

static const char *name_of(const struct census_row *row) {
  const char *name = gc_types[row->type].name;
  return name ? name : "?";
}

static int by_name(const void *a, const void *b) { return strcmp(name_of(a), name_of(b)); }

static int most_first(const void *a, const void *b) {
  const struct census_row *x = a, *y = b;
  if (x->bytes == y->bytes)
    return by_name(a, b);
  return (int64_t)x->bytes < (int64_t)y->bytes ? 1 : -1;
}

void census_merge_names(struct census *census) {
  size_t kept = 0;
  qsort(census->rows, census->count, sizeof *census->rows, by_name);
  for (size_t i = 0; i < census->count; i++)
    if (kept && by_name(&census->rows[kept - 1], &census->rows[i]) == 0) {
      census->rows[kept - 1].objects += census->rows[i].objects;
      census->rows[kept - 1].bytes += census->rows[i].bytes;
    } else {
      census->rows[kept++] = census->rows[i];
    }
  census->count = kept;
  qsort(census->rows, census->count, sizeof *census->rows, most_first);
}
