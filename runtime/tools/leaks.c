#include "runtime/tools/leaks.h"

#include <stdio.h>
#include <string.h>

#include "runtime/object/type.h"
#include "runtime/tools/words.h"

/* ---- where it was made ---- */

/* Of the types called `name` that a profile made, the one that grew most; GRAPH_NONE if there is none. */
static uint32_t growing_copy(const struct census *diff, const struct profile *profile, const char *name) {
  uint32_t best = GRAPH_NONE;
  double most = 0;
  for (size_t i = 0; i < diff->count; i++) {
    const struct profile_site *site = profile_site_of(profile, diff->rows[i].type);
    if (!site || strcmp(gc_types[diff->rows[i].type].name, name) != 0)
      continue;
    double grown = (double)(int64_t)diff->rows[i].objects * site->bytes / (double)site->told;
    if (grown > most) {
      most = grown;
      best = diff->rows[i].type;
    }
  }
  return best;
}

static void tell_site(const struct profile *profile, uint32_t copy, struct lines *lines, char *text, size_t bytes) {
  struct line line;
  if (!profile)
    snprintf(text, bytes, "unknown: the heap has no profile");
  else if (copy == GRAPH_NONE)
    snprintf(text, bytes, "unknown: no sample of this type is alive");
  else if (profile_stack(profile_site_of(profile, copy), lines, &line, 1) == 0)
    snprintf(text, bytes, "unknown: no debugging information");
  else
    snprintf(text, bytes, "%s:%d %s", line.file, line.number, line.function);
}

/* ---- what holds it ---- */

/* A way of being held. */
struct holder {
  uint32_t type, place; /* of the object that refers; elements of an array are one place */
  bool root;
  uint64_t count;
  uint32_t nearest; /* the first node that is held so, in the order of distance */
};
enum { HOLDERS_MOST = 32 }; /* ways that are told apart; what comes later and is new does not count */

static struct holder holder_of(const struct paths *paths, uint32_t node) {
  const struct graph *graph = paths->graph;
  uint32_t source = paths->parents[node], place = graph->edges[paths->edges[node]].place;
  if (source == GRAPH_ROOTS)
    return (struct holder){.type = graph->roots[place].kind, .root = true, .nearest = node};
  uint32_t type = graph->nodes[source].type;
  return (struct holder){.type = type, .place = gc_types[type].kind == GC_KIND_REF_ARRAY ? 0 : place, .nearest = node};
}

static bool same_holder(const struct holder *a, const struct holder *b) {
  return a->root == b->root && a->place == b->place &&
         (a->root ? a->type == b->type : gc_types[a->type].name == gc_types[b->type].name);
}

/* Of the objects of type `copy`, or of all that are called `name` if there is no copy, one that is held as most are. */
static uint32_t typical_object(const struct paths *paths, uint32_t copy, const char *name) {
  struct holder holders[HOLDERS_MOST];
  size_t count = 0, most = 0;
  for (size_t i = 1; i < paths->reached_count; i++) {
    uint32_t node = paths->reached[i], type = paths->graph->nodes[node].type;
    if (copy == GRAPH_NONE ? strcmp(gc_types[type].name, name) != 0 : type != copy)
      continue;
    struct holder holder = holder_of(paths, node);
    size_t at = 0;
    while (at < count && !same_holder(&holders[at], &holder))
      at++;
    if (at == HOLDERS_MOST)
      continue;
    if (at == count)
      holders[count++] = holder;
    if (++holders[at].count > holders[most].count)
      most = at;
  }
  return count ? holders[most].nearest : GRAPH_NONE;
}

/* ---- the report ---- */

static void tell_growth(const struct census *diff, const struct paths *paths, const struct profile *profile,
                        struct lines *lines, const struct census_row *row, struct gc_leak *leak) {
  const char *name = gc_types[row->type].name;
  uint32_t copy = growing_copy(diff, profile, name), node = typical_object(paths, copy, name);
  *leak = (struct gc_leak){.type = name, .objects = (int64_t)row->objects, .bytes = (int64_t)row->bytes};
  tell_site(profile, copy, lines, leak->site, sizeof leak->site);
  if (node != GRAPH_NONE)
    words_path(paths, node, leak->path, sizeof leak->path);
}

static uint64_t find(const struct census *diff, struct census *merged, const struct graph *late,
                     const struct profile *profile, struct gc_leak *leaks, size_t limit) {
  struct paths paths;
  if (!paths_init(&paths, late, GRAPH_ROOTS))
    return GC_UNKNOWN;
  struct lines *lines = profile ? lines_open() : NULL;
  uint64_t count = 0;
  census_merge_names(merged);
  for (size_t i = 0; i < merged->count; i++)
    if ((int64_t)merged->rows[i].bytes > 0 && (int64_t)merged->rows[i].objects > 0 && count++ < limit)
      tell_growth(diff, &paths, profile, lines, &merged->rows[i], &leaks[count - 1]);
  lines_close(lines);
  paths_fini(&paths);
  return count;
}

uint64_t leaks_find(const struct census *early, const struct graph *late, struct profile *profile,
                    struct gc_leak *leaks, size_t limit) {
  struct census now, diff = {0}, merged = {0};
  uint64_t count = GC_UNKNOWN;
  if (!census_init(&now, late))
    return count;
  if (profile)
    profile_acquire(profile);
  if (census_diff(&diff, early, &now) && census_diff(&merged, early, &now))
    count = find(&diff, &merged, late, profile, leaks, limit);
  if (profile)
    profile_release(profile);
  census_fini(&diff);
  census_fini(&merged);
  census_fini(&now);
  return count;
}
