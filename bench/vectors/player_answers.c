/* player_answers.c -- the queries of a script.  Names are sorted by their bytes; `-` is none. */
#include <stdlib.h>
#include <string.h>

#include "bench/vectors/player_world.h"

/* ---- lists of names ---- */

struct names {
  struct world *w;
  const char **items;
  size_t count, capacity;
  bool members; /* members of groups count, too */
};

static void names_add(struct names *names, uint64_t thing) {
  const struct thing *t = &names->w->things[thing];
  if (!thing || !t->name || (t->member && !names->members))
    return;
  if (names->count == names->capacity) {
    names->capacity = size_max(64, 2 * names->capacity);
    names->items = realloc(names->items, names->capacity * sizeof *names->items);
  }
  names->items[names->count++] = t->name;
}

static void add_object(void *context, gc_ref object) {
  struct names *names = context;
  names_add(names, PLAYER_(thing_of)(names->w, object));
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void names_write(struct names *names, FILE *out) {
  qsort(names->items, names->count, sizeof *names->items, compare_names);
  for (size_t i = 0; i < names->count; i++)
    fprintf(out, "%s%s", i ? " " : "", names->items[i]);
  if (!names->count)
    fputs("-", out);
  free(names->items);
}

/* ---- all things ---- */

static bool exists(struct world *w, uint64_t thing) {
  return w->control ? w->things[thing].alive : !gc_is_null(PLAYER_(probed)(w, thing));
}

static void answer_live(struct world *w, FILE *out) {
  struct names names = {.w = w};
  for (uint64_t i = 1; i < w->thing_count; i++)
    if (exists(w, i))
      names_add(&names, i);
  names_write(&names, out);
}

static void answer_population(struct world *w, FILE *out) {
  uint64_t count = 0;
  for (uint64_t i = 1; i < w->thing_count; i++)
    count += w->things[i].member && strcmp(w->things[i].name, w->op->name) == 0 && exists(w, i);
  fprintf(out, "%llu", (unsigned long long)count);
}

static void answer_fincount(struct world *w, FILE *out) {
  uint64_t count = 0;
  for (size_t i = 0; i < w->finalized_count; i++)
    count += strcmp(w->finalized[i], w->op->name) == 0;
  fprintf(out, "%llu", (unsigned long long)count);
}

static void answer_frozen(struct world *w, FILE *out) {
  struct names names = {.w = w};
  for (uint64_t i = 1; i < w->thing_count; i++) {
    if (!w->things[i].alive)
      continue;
    int generation = w->control->generation_of(w->m->heap, w->things[i].ref);
    if (generation == GC_FROZEN || generation == GC_UNLISTED)
      names_add(&names, i);
  }
  names_write(&names, out);
}

/* ---- the log ---- */

static int compare_events(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void answer_log(struct world *w, FILE *out) {
  if (w->op->code == SCRIPT_logset)
    qsort(w->events, w->event_count, sizeof *w->events, compare_events);
  for (size_t i = 0; i < w->event_count; i++) {
    fprintf(out, "%s%s", i ? " " : "", w->events[i]);
    free(w->events[i]);
  }
  if (!w->event_count)
    fputs("-", out);
  w->event_count = 0;
}

/* ---- one object ---- */

static const char *truth(bool value) { return value ? "true" : "false"; }

static void answer_state(struct world *w, gc_ref weak, FILE *out) {
  struct gc_mutator *m = w->m;
  char text[200];
  GC_ROOTS(m, r, weak);
  gc_set(m, &r.weak, weak);
  if (object_type(weak) == TYPE_vweak)
    fputs(PLAYER_(weak_state)(w, &r.weak, text, sizeof text), out);
  else
    PLAYER_(refuse)(w, "%s: this is no weak reference", w->op->text);
  gc_frame_pop(m, &r.frame);
}

/* ---- who refers to whom ---- */

/* A dnode's dict holds its values, not the dnode. */
static bool has_dict(struct world *w, gc_ref object) {
  return object_type(object) == TYPE_vdnode && !gc_is_null(GC_LOAD(w->m, object, vdnode, dict));
}

static bool refers(struct world *w, gc_ref object, gc_ref target) {
  gc_ref value;
  for (uint64_t i = 0; !has_dict(w, object) && PLAYER_(next_reference)(w, object, i, &value); i++)
    if (gc_same(w->m, value, target))
      return true;
  return false;
}

static void add_referrers(struct world *w, gc_ref target, struct names *names) {
  if (w->control) {
    w->control->for_referrers(w->m->heap, target, names, add_object);
    return;
  }
  for (uint64_t i = 1; i < w->thing_count; i++) {
    gc_ref object = PLAYER_(thing_ref)(w, i);
    if (!gc_is_null(object) && refers(w, object, target))
      names_add(names, i);
  }
}

static void add_referents(struct world *w, gc_ref object, struct names *names) {
  gc_ref value;
  if (w->control) {
    w->control->for_referents(w->m->heap, object, names, add_object);
    return;
  }
  for (uint64_t i = 0; !has_dict(w, object) && PLAYER_(next_reference)(w, object, i, &value); i++)
    add_object(names, value);
}

static void answer_of_path(struct world *w, FILE *out) {
  struct gc_heap *heap = w->m->heap;
  gc_ref object = PLAYER_(resolve)(w, &w->op->paths[0]);
  struct names names = {.w = w, .members = true};
  if (world_failed(w))
    return;
  switch (w->op->code) {
  case SCRIPT_refcount: fprintf(out, "%llu", (unsigned long long)w->control->references(heap, object)); break;
  case SCRIPT_tracked: fputs(truth(w->control->generation_of(heap, object) != GC_UNLISTED), out); break;
  case SCRIPT_finalized: fputs(truth(w->control->is_finalized(heap, object)), out); break;
  case SCRIPT_wrcount: fprintf(out, "%llu", (unsigned long long)PLAYER_(weak_count)(w, object)); break;
  case SCRIPT_wr: answer_state(w, object, out); break;
  case SCRIPT_referrers:
    add_referrers(w, object, &names);
    names_write(&names, out);
    break;
  default:
    add_referents(w, object, &names);
    names_write(&names, out);
  }
}

static void answer_same(struct world *w, FILE *out) {
  gc_ref one = PLAYER_(resolve)(w, &w->op->paths[0]), other = PLAYER_(resolve)(w, &w->op->paths[1]);
  fputs(truth(gc_same(w->m, one, other)), out);
}

/* ---- the collector ---- */

static void answer_gen(struct world *w, FILE *out) {
  struct names names = {.w = w};
  w->control->for_objects(w->m->heap, (int)w->op->numbers[0], &names, add_object);
  names_write(&names, out);
}

static void answer_garbage(struct world *w, FILE *out) {
  struct names names = {.w = w, .members = true};
  for (size_t i = 0; i < w->control->garbage_count(w->m->heap); i++)
    add_object(&names, w->control->garbage(w->m->heap, i));
  names_write(&names, out);
}

static void answer_stats(struct world *w, FILE *out) {
  for (int i = 0; i < GC_GENERATIONS; i++) {
    struct gc_generation_stats stats = w->control->stats(w->m->heap, i);
    fprintf(out, "%sg%d:%llu/%llu/%llu", i ? " " : "", i, (unsigned long long)stats.collections,
            (unsigned long long)stats.collected, (unsigned long long)stats.uncollectable);
  }
}

static void answer_collect(struct world *w, FILE *out) {
  char result[32];
  PLAYER_(collect)(w, (int)w->op->numbers[0], result, sizeof result);
  if (!w->control)
    PLAYER_(run_due)(w);
  fputs(result, out);
}

/* ---- allocations that are counted ---- */

static void answer_allocfree(struct world *w, FILE *out) {
  struct gc_mutator *m = w->m;
  size_t made = (size_t)w->op->numbers[0], freed = (size_t)w->op->numbers[1];
  struct gc_frame *frame = calloc(1, sizeof *frame + made * sizeof(gc_root));
  gc_root *nodes = frame_roots(frame);
  gc_frame_push(m, frame, made);
  int64_t before = w->control->count(m->heap, 0);
  for (size_t i = 0; i < made; i++)
    gc_set(m, &nodes[i], GC_NEW(m, vnode));
  for (size_t i = 0; i < freed && i < made; i++)
    gc_set(m, &nodes[i], GC_NULL);
  fprintf(out, "%lld", (long long)(w->control->count(m->heap, 0) - before));
  gc_frame_pop(m, frame);
  free(frame);
}

static void drop_node(struct world *w) {
  struct gc_mutator *m = w->m;
  GC_ROOTS(m, r, node);
  gc_set(m, &r.node, GC_NEW(m, vnode));
  gc_frame_pop(m, &r.frame);
}

static void answer_autoalloc(struct world *w, FILE *out) {
  const struct script_autoalloc *a = &w->op->autoalloc;
  struct gc_heap *heap = w->m->heap;
  char *begun = NULL;
  size_t begun_bytes;
  if (a->fresh) {
    bool enabled = w->control->is_enabled(heap);
    w->control->enable(heap, false);
    w->control->collect(w->m, GC_GENERATIONS - 1);
    w->control->reset_counts(heap); /* finalizers may have allocated */
    w->control->enable(heap, enabled);
  }
  if (a->on)
    w->control->enable(heap, true);
  w->begun = open_memstream(&begun, &begun_bytes);
  memset(w->begun_count, 0, sizeof w->begun_count);
  w->last_begun = 0;
  w->until = a->until;
  w->reached = false;
  for (w->allocation = 1; w->allocation <= (uint64_t)a->count && !w->reached; w->allocation++)
    if (a->keep)
      PLAYER_(keep_node)(w);
    else
      drop_node(w);
  w->allocation = 0;
  fclose(w->begun);
  if (!w->last_begun)
    fputs("none", out);
  else if (a->sum)
    fprintf(out, "n0=%llu n1=%llu n2=%llu last@%llu", (unsigned long long)w->begun_count[0],
            (unsigned long long)w->begun_count[1], (unsigned long long)w->begun_count[2],
            (unsigned long long)w->last_begun);
  else
    fputs(begun, out);
  free(begun);
}

/* ---- all of them ---- */

/* Of collectors without controls only what every heap can tell is asked. */
static bool needs_control(enum script_code code) {
  switch (code) {
  case SCRIPT_live:
  case SCRIPT_population:
  case SCRIPT_fincount:
  case SCRIPT_collect:
  case SCRIPT_wr:
  case SCRIPT_wrcount:
  case SCRIPT_referrers:
  case SCRIPT_referents:
  case SCRIPT_same:
  case SCRIPT_log:
  case SCRIPT_logset:
  case SCRIPT_len:
  case SCRIPT_get:
  case SCRIPT_keys: return false;
  default: return true;
  }
}

void PLAYER_(answer)(struct world *w, FILE *out) {
  struct gc_heap *heap = w->m->heap;
  const struct gc_control *control = w->control;
  if (!control && needs_control(w->op->code)) {
    PLAYER_(refuse)(w, "unsupported: %s asks what this collector does not tell", script_op_name(w->op->code));
    return;
  }
  switch (w->op->code) {
  case SCRIPT_live: answer_live(w, out); break;
  case SCRIPT_population: answer_population(w, out); break;
  case SCRIPT_fincount: answer_fincount(w, out); break;
  case SCRIPT_collect: answer_collect(w, out); break;
  case SCRIPT_stats: answer_stats(w, out); break;
  case SCRIPT_count12: fprintf(out, "%u %u", control->count(heap, 1), control->count(heap, 2)); break;
  case SCRIPT_allocfree: answer_allocfree(w, out); break;
  case SCRIPT_autoalloc: answer_autoalloc(w, out); break;
  case SCRIPT_gen: answer_gen(w, out); break;
  case SCRIPT_frozen: answer_frozen(w, out); break;
  case SCRIPT_same: answer_same(w, out); break;
  case SCRIPT_log:
  case SCRIPT_logset: answer_log(w, out); break;
  case SCRIPT_garbage: answer_garbage(w, out); break;
  case SCRIPT_getthreshold:
    fprintf(out, "%u %u %u", control->threshold(heap, 0), control->threshold(heap, 1), control->threshold(heap, 2));
    break;
  case SCRIPT_isenabled: fputs(truth(control->is_enabled(heap)), out); break;
  case SCRIPT_len:
  case SCRIPT_get:
  case SCRIPT_keys: PLAYER_(weak_dict_answer)(w, out); break;
  default: answer_of_path(w, out);
  }
}
