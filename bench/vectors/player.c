/* player.c -- plays a script on one plan: a heap of its own, one mutator, one operation after the other. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/vectors/player_world.h"
#include "runtime/cycle/heap.h"

#define HEAP_BYTES ((size_t)1 << 30)

extern const struct gc_collector GC_CONCAT(GC_PLAN, _collector);

void PLAYER_(refuse)(struct world *w, const char *format, ...) {
  va_list arguments;
  if (w->problem)
    return;
  va_start(arguments, format);
  vsnprintf(w->problem_text, sizeof w->problem_text, format, arguments);
  va_end(arguments);
  w->problem = w->problem_text;
}

/* ---- operations ---- */

static void op_set(struct world *w) {
  struct gc_mutator *m = w->m;
  const struct script_step *last;
  GC_ROOTS(m, r, holder, value);
  gc_set(m, &r.holder, PLAYER_(resolve_holder)(w, &w->op->paths[0], &last));
  gc_set(m, &r.value, PLAYER_(resolve)(w, &w->op->paths[1]));
  if (!world_failed(w))
    PLAYER_(set_field)(w, &r.holder, last, &r.value);
  gc_set(m, &r.value, GC_NULL);
  gc_frame_pop(m, &r.frame);
}

static void op_unset(struct world *w) {
  struct gc_mutator *m = w->m;
  const struct script_step *last;
  GC_ROOTS(m, r, holder);
  gc_set(m, &r.holder, PLAYER_(resolve_holder)(w, &w->op->paths[0], &last));
  if (!world_failed(w))
    PLAYER_(unset_field)(w, &r.holder, last);
  gc_frame_pop(m, &r.frame);
}

/* Operations on what stands at their paths. */
static void op_on_paths(struct world *w) {
  const struct script_op *op = w->op;
  struct gc_mutator *m = w->m;
  GC_ROOTS(m, r, first, second);
  gc_set(m, &r.first, PLAYER_(resolve)(w, &op->paths[0]));
  if (op->path_count > 1)
    gc_set(m, &r.second, PLAYER_(resolve)(w, &op->paths[1]));
  if (!world_failed(w))
    switch (op->code) {
    case SCRIPT_alias: PLAYER_(set_root)(w, op->name, gc_get(m, &r.first)); break;
    case SCRIPT_mkdict: PLAYER_(make_dict)(w, &r.first); break;
    case SCRIPT_append: PLAYER_(append)(w, &r.first, &r.second, (uint64_t)op->numbers[0]); break;
    case SCRIPT_clearlist: PLAYER_(clear_list)(w, &r.first); break;
    case SCRIPT_put: PLAYER_(weak_put)(w, op->name, op->key, &r.first); break;
    case SCRIPT_sharedweakref: PLAYER_(weak_shared)(w, op->name, &r.first); break;
    default: PLAYER_(weak_new)(w, op->name, &r.first, op->weak, op->weak == WEAK_CALL ? &r.second : NULL);
    }
  gc_set(m, &r.second, GC_NULL);
  gc_frame_pop(m, &r.frame);
}

static void op_drop(struct world *w) {
  for (unsigned i = 0; i < w->op->path_count; i++)
    if (PLAYER_(find_root)(w, w->op->paths[i].root))
      PLAYER_(drop_root)(w, w->op->paths[i].root);
}

static void op_fill(struct world *w) {
  struct gc_mutator *m = w->m;
  GC_ROOTS(m, r, list, member);
  gc_set(m, &r.list, PLAYER_(resolve)(w, &w->op->paths[0]));
  for (int64_t i = 0; i < w->op->numbers[0] && !world_failed(w); i++) {
    gc_set(m, &r.member, PLAYER_(make)(w, w->op->kind, w->op->name, true));
    PLAYER_(append)(w, &r.list, &r.member, 1);
    gc_set(m, &r.member, GC_NULL);
  }
  gc_frame_pop(m, &r.frame);
}

static void link_to(struct world *w, const gc_root *holder, const gc_root *value) {
  struct script_step next = {.word = "next", .index = -1};
  while (strcmp(script_fields[next.field], "next") != 0)
    next.field++;
  if (w->op->kind == KIND_list)
    PLAYER_(append)(w, holder, value, 1);
  else
    PLAYER_(set_field)(w, holder, &next, value);
}

/* A chain, or a ring. */
static void op_chain(struct world *w) {
  struct gc_mutator *m = w->m;
  GC_ROOTS(m, r, head, last, member);
  gc_set(m, &r.head, PLAYER_(make)(w, w->op->kind, w->op->name, true));
  gc_set(m, &r.last, gc_get(m, &r.head));
  for (int64_t i = 1; i < w->op->numbers[0] && !world_failed(w); i++) {
    gc_set(m, &r.member, PLAYER_(make)(w, w->op->kind, w->op->name, true));
    link_to(w, &r.last, &r.member);
    gc_set(m, &r.last, gc_get(m, &r.member));
  }
  if (w->op->code == SCRIPT_ring)
    link_to(w, &r.last, &r.head);
  PLAYER_(set_root)(w, w->op->name, gc_get(m, &r.head));
  gc_frame_pop(m, &r.frame);
}

static void op_complete(struct world *w) {
  struct gc_mutator *m = w->m;
  uint64_t count = (uint64_t)w->op->numbers[0];
  struct gc_frame *frame = calloc(1, sizeof *frame + count * sizeof(gc_root));
  gc_root *members = frame_roots(frame);
  gc_frame_push(m, frame, count);
  for (uint64_t i = 0; i < count; i++)
    gc_set(m, &members[i], PLAYER_(make)(w, KIND_list, w->op->name, true));
  for (uint64_t i = 0; i < count; i++)
    for (uint64_t j = 0; j < count; j++)
      if (i != j)
        PLAYER_(append)(w, &members[i], &members[j], 1);
  PLAYER_(set_root)(w, w->op->name, gc_get(m, &members[0]));
  gc_frame_pop(m, frame);
  free(frame);
}

static void op_act(struct world *w) {
  size_t i = 0;
  while (i < w->behaviour_count && strcmp(w->behaviours[i].name, w->op->name) != 0)
    i++;
  w->behaviours[i] = (struct behaviour){w->op->name, w->op};
  w->behaviour_count += i == w->behaviour_count;
}

static void op_debug(struct world *w) {
  uint32_t flags = strcmp(w->op->debug, "saveall") == 0 ? GC_DEBUG_SAVEALL
                   : strcmp(w->op->debug, "leak") == 0  ? GC_DEBUG_LEAK
                                                        : 0;
  if (flags == GC_DEBUG_LEAK && !freopen("/dev/null", "w", stderr)) /* where it tells of each object */
    PLAYER_(refuse)(w, "%s: /dev/null cannot be opened", w->op->text);
  w->control->set_debug(w->m->heap, flags);
}

/* What only collectors with controls can do. */
static void op_setting(struct world *w) {
  struct gc_heap *heap = w->m->heap;
  if (!w->control) {
    PLAYER_(refuse)(w, "unsupported: %s sets what this collector has not", script_op_name(w->op->code));
    return;
  }
  switch (w->op->code) {
  case SCRIPT_cleargarbage: w->control->clear_garbage(w->m); break;
  case SCRIPT_threshold:
    for (unsigned i = 0; i < w->op->number_count; i++)
      w->control->set_threshold(heap, (int)i, (uint32_t)w->op->numbers[i]);
    break;
  case SCRIPT_freeze: w->control->freeze(heap); break;
  case SCRIPT_unfreeze: w->control->unfreeze(heap); break;
  case SCRIPT_debug: op_debug(w); break;
  case SCRIPT_gccallbacks: w->logs_collections = true; break;
  default: w->control->enable(heap, w->op->code == SCRIPT_enable);
  }
}

static void do_op(struct world *w) {
  const struct script_op *op = w->op;
  switch (op->code) {
  case SCRIPT_new: PLAYER_(set_root)(w, op->name, PLAYER_(make)(w, op->kind, op->name, false)); break;
  case SCRIPT_tuple: PLAYER_(set_root)(w, op->name, PLAYER_(make_tuple)(w, op->name, op->paths, op->path_count)); break;
  case SCRIPT_drop: op_drop(w); break;
  case SCRIPT_set: op_set(w); break;
  case SCRIPT_unset: op_unset(w); break;
  case SCRIPT_fill: op_fill(w); break;
  case SCRIPT_chain:
  case SCRIPT_ring: op_chain(w); break;
  case SCRIPT_complete: op_complete(w); break;
  case SCRIPT_wvd:
  case SCRIPT_wkd: PLAYER_(weak_dict_new)(w, op->name, op->code == SCRIPT_wkd); break;
  case SCRIPT_act: op_act(w); break;
  case SCRIPT_alias:
  case SCRIPT_mkdict:
  case SCRIPT_append:
  case SCRIPT_clearlist:
  case SCRIPT_put:
  case SCRIPT_weakref:
  case SCRIPT_sharedweakref: op_on_paths(w); break;
  default: op_setting(w);
  }
}

/* ---- the whole ---- */

static _Noreturn void out_of_memory(struct gc_heap *heap, struct gc_mutator *m, size_t bytes) {
  (void)heap, (void)m;
  fprintf(stderr, "the script needs more than the player's heap: %zu bytes were refused\n", bytes);
  _exit(1);
}

/* As many names as can become roots. */
static size_t count_names(const struct script *script) {
  size_t count = ROOT_EXTRAS;
  for (size_t i = 0; i < script->op_count; i++)
    count += 1 + 2 * script->ops[i].action_count;
  return count;
}

static bool world_init(struct world *w, const struct script *script) {
  w->script = script;
  w->root_capacity = count_names(script);
  w->root_count = ROOT_EXTRAS;
  w->frame = calloc(1, sizeof *w->frame + w->root_capacity * sizeof(gc_root));
  w->root_names = calloc(w->root_capacity, sizeof *w->root_names);
  w->root_is_set = calloc(w->root_capacity, sizeof *w->root_is_set);
  w->behaviours = calloc(script->op_count + 1, sizeof *w->behaviours);
  w->things = calloc(1, sizeof *w->things); /* THING_NONE */
  w->thing_count = w->thing_capacity = 1;
  return w->frame && w->root_names && w->root_is_set && w->behaviours && w->things;
}

static const char *lacking(const struct gc_attrs *attrs) {
  if (!attrs->reclaims || !attrs->cycles)
    return "unsupported: it does not find cycles";
  if (!attrs->weak || !attrs->finalizers)
    return "unsupported: it has no weak references or finalizers";
  return NULL;
}

static void play_ops(struct world *w, player_answer *answer, void *context) {
  for (size_t i = 0; i < w->script->op_count && !w->problem; i++) {
    w->op = &w->script->ops[i];
    if (!script_op_is_query(w->op->code)) {
      do_op(w);
      continue;
    }
    char *text;
    size_t text_bytes;
    FILE *out = open_memstream(&text, &text_bytes);
    PLAYER_(answer)(w, out);
    fclose(out);
    if (!w->problem)
      answer(context, w->op, text);
    free(text);
  }
}

static const char *play(const struct script *script, const struct gc_value *options, player_answer *answer,
                        void *context) {
  static struct world world; /* one script in a process; the sentence lives on in it */
  static char message[200];
  const struct gc_collector *collector = &GC_CONCAT(GC_PLAN, _collector);
  const char *problem = lacking(&collector->attrs);
  if (problem)
    return problem;
  problem = type_table_register(PLAYER_(types), PLAYER_(type_count));
  if (problem)
    return problem;
  const struct gc_heap_config config = {.collector = collector, .options = options, .heap_bytes = HEAP_BYTES,
                                        .gc_threads = 1, .out_of_memory = out_of_memory};
  struct gc_heap *heap = heap_create(&config, message, sizeof message);
  if (!heap)
    return message;
  struct gc_mutator *m = gc_attach(heap);
  if (!m || !world_init(&world, script))
    return "there is no memory for the player";
  world.m = m;
  world.control = collector->control;
  world.roots = frame_roots(world.frame);
  gc_frame_push(m, world.frame, world.root_capacity);
  PLAYER_(listen)(&world);
  if (world.control)
    world.control->enable(heap, false);
  play_ops(&world, answer, context);
  return world.problem;
}

extern const struct player GC_PLAYER_SYMBOL;
const struct player GC_PLAYER_SYMBOL = {.collector = GC_STRING(GC_PLAN), .exact = PLAN_CONTROLS, .play = play,
                                      .measure = PLAYER_(measure)};
