/* player_events.c -- what the collector tells of: deaths, finalizers, callbacks; and the actions of the script in them.
 *
 * Under a collector with controls all of this runs in the middle of an operation.  Under the others finalizers and
 * callbacks are run after a collection, as often as there are any. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/vectors/player_world.h"

void PLAYER_(log)(struct world *w, const char *format, ...) {
  va_list arguments;
  char *event = NULL;
  va_start(arguments, format);
  if (vasprintf(&event, format, arguments) < 0)
    abort();
  va_end(arguments);
  if (w->event_count == w->event_capacity) {
    w->event_capacity = size_max(64, 2 * w->event_capacity);
    w->events = realloc(w->events, w->event_capacity * sizeof *w->events);
  }
  w->events[w->event_count++] = event;
}

/* ---- actions ---- */

static const struct script_op *behaviour_of(struct world *w, const char *name) {
  for (size_t i = 0; name && i < w->behaviour_count; i++)
    if (strcmp(w->behaviours[i].name, name) == 0)
      return w->behaviours[i].op;
  return NULL;
}

static bool is_quiet(struct world *w, const char *name) {
  const struct script_op *op = behaviour_of(w, name);
  for (unsigned i = 0; op && i < op->action_count; i++)
    if (op->actions[i].code == ACTION_quiet)
      return true;
  return false;
}

const char *PLAYER_(weak_state)(struct world *w, const gc_root *weak, char *text, size_t text_bytes) {
  gc_ref target = gc_weak_get(w->m, gc_get(w->m, weak));
  if (gc_is_null(target))
    return "dead";
  snprintf(text, text_bytes, "alive:%s", PLAYER_(one_name_of)(w, target));
  return text;
}

static void act_see(struct world *w, const gc_root *self, int field, const char *name) {
  const struct script_step step = {.word = script_fields[field], .field = field, .index = -1};
  gc_ref value = PLAYER_(get_field)(w, gc_get(w->m, self), &step);
  const char *value_name = gc_is_null(value) ? "null" : PLAYER_(one_name_of)(w, value);
  PLAYER_(log)(w, "see:%s.%s=%s", name, step.word, value_name);
}

static void act_peek(struct world *w, const struct script_action *action) {
  char text[200];
  gc_root *weak = PLAYER_(try_root)(w, action->name);
  PLAYER_(log)(w, "%s:%s=%s", action->code == ACTION_take ? "take" : "peek", action->name,
               weak ? PLAYER_(weak_state)(w, weak, text, sizeof text) : "null");
  if (!weak || action->code != ACTION_take)
    return;
  gc_ref target = gc_weak_get(w->m, gc_get(w->m, weak));
  if (!gc_is_null(target))
    PLAYER_(set_root)(w, action->root, target);
}

static void act_unset(struct world *w, const gc_root *self, int field) {
  const struct script_step step = {.word = script_fields[field], .field = field, .index = -1};
  PLAYER_(unset_field)(w, self, &step);
}

static void act_collect(struct world *w, int generation) {
  char result[32];
  PLAYER_(collect)(w, generation, result, sizeof result);
  PLAYER_(log)(w, "collect=%s", result);
}

static void act(struct world *w, const struct script_action *action, const gc_root *self, const char *name) {
  switch (action->code) {
  case ACTION_resurrect: PLAYER_(set_root)(w, action->name, gc_get(w->m, self)); break;
  case ACTION_drop: PLAYER_(drop_root)(w, action->name); break;
  case ACTION_unset: act_unset(w, self, action->field); break;
  case ACTION_see: act_see(w, self, action->field, name); break;
  case ACTION_peek:
  case ACTION_take: act_peek(w, action); break;
  case ACTION_collect: act_collect(w, (int)action->number); break;
  case ACTION_alloc:
    for (int64_t i = 0; i < action->number; i++)
      PLAYER_(keep_node)(w);
    break;
  case ACTION_weak: PLAYER_(weak_new)(w, action->name, self, WEAK_PLAIN, NULL); break;
  default: break;
  }
}

/* The actions of `name`, for the object in `self`. */
static void run_actions(struct world *w, const char *name, gc_ref object) {
  struct gc_mutator *m = w->m;
  const struct script_op *op = behaviour_of(w, name);
  GC_ROOTS(m, r, self);
  gc_set(m, &r.self, object);
  for (unsigned i = 0; op && i < op->action_count; i++) {
    if (op->actions[i].code == ACTION_raise) {
      PLAYER_(log)(w, "unraisable:RuntimeError");
      break;
    }
    act(w, &op->actions[i], &r.self, name);
  }
  gc_frame_pop(m, &r.frame);
}

/* ---- what the collector tells ---- */

static void finalize(void *context, struct gc_mutator *m, gc_ref object, enum gc_finalizer kind) {
  struct world *w = context;
  const char *name = PLAYER_(name_of)(w, object);
  (void)m;
  if (!name)
    return;
  if (w->finalized_count == w->finalized_capacity) {
    w->finalized_capacity = size_max(64, 2 * w->finalized_capacity);
    w->finalized = realloc(w->finalized, w->finalized_capacity * sizeof *w->finalized);
  }
  w->finalized[w->finalized_count++] = name;
  if (!is_quiet(w, name))
    PLAYER_(log)(w, "%s:%s", kind == GC_FINALIZE_LEGACY ? "legacyfin" : "fin", name);
  run_actions(w, name, object);
}

static void call_back(struct world *w, uint64_t weak) {
  const struct thing *t = &w->things[weak];
  uint64_t self = t->call == WEAK_CALL ? t->callee : weak;
  const char *name = w->things[self].name;
  PLAYER_(log)(w, "%s:%s", t->call == WEAK_CALL ? "call" : "cb", name);
  run_actions(w, name, PLAYER_(thing_ref)(w, self));
}

/* Of the world that is played: a callback has but one argument. */
static struct world *playing;

void PLAYER_(weak_callback)(struct gc_mutator *m, void *argument) {
  uint64_t weak = (uint64_t)(uintptr_t)argument;
  (void)m;
  if (playing->things[weak].entry_of)
    PLAYER_(weak_entry_dies)(playing, weak);
  else
    call_back(playing, weak);
}

static void died(void *context, gc_ref object) {
  struct world *w = context;
  struct thing *t = &w->things[PLAYER_(thing_of)(w, object)];
  t->alive = false;
}

static void note_begun(struct world *w, int generation) {
  if (!w->allocation)
    return;
  fprintf(w->begun, "%s%d@%llu", w->last_begun ? " " : "", generation, (unsigned long long)w->allocation);
  w->begun_count[generation]++;
  w->last_begun = w->allocation;
  w->reached |= generation == w->until;
}

static void tell_collection(void *context, struct gc_mutator *m, bool ended, int generation, uint64_t collected,
                            uint64_t uncollectable) {
  struct world *w = context;
  (void)m;
  if (!ended)
    note_begun(w, generation);
  if (w->logs_collections)
    PLAYER_(log)(w, "gc:%s:gen%d:collected=%llu:uncollectable=%llu", ended ? "stop" : "start", generation,
                 (unsigned long long)collected, (unsigned long long)uncollectable);
}

void PLAYER_(listen)(struct world *w) {
  playing = w;
  if (!w->control)
    return;
  const struct gc_delivery delivery = {
      .context = w, .finalize = finalize, .collection = tell_collection, .died = died};
  w->control->deliver(w->m->heap, &delivery);
}

void PLAYER_(attach_finalizer)(struct world *w, gc_ref object, enum script_kind kind) {
  if (w->control)
    w->control->attach_finalizer(w->m->heap, object, kind == KIND_lnode ? GC_FINALIZE_LEGACY : GC_FINALIZE_ONCE);
  else
    gc_finalizer_attach(w->m, object);
}

/* ---- the other plans ---- */

/* What a finalizable object reaches is kept with it, but no weak reference shows it any more: it is lost. */
static bool is_lost(struct world *w, gc_ref object) {
  uint64_t thing = PLAYER_(thing_of)(w, object);
  return thing && gc_is_null(PLAYER_(probed)(w, thing));
}

/* Room for one more in the stack, an array of `depth`, or null. */
static void reserve_lost(struct gc_mutator *m, gc_root *stack, uint64_t depth) {
  gc_ref old = gc_get(m, stack);
  if (!gc_is_null(old) && depth < gc_array_length(m, old))
    return;
  gc_ref larger = gc_alloc_array(m, 2 * depth + 16);
  old = gc_get(m, stack);
  if (depth)
    gc_copy_fields(m, larger, gc_array_slot(m, larger, 0), old, gc_array_slot(m, old, 0), depth);
  gc_set(m, stack, larger);
}

static void push_if_lost(struct world *w, gc_root *stack, uint64_t *depth, gc_ref object) {
  struct gc_mutator *m = w->m;
  if (!is_lost(w, object))
    return;
  GC_ROOTS(m, r, object);
  gc_set(m, &r.object, object);
  PLAYER_(probe)(w, PLAYER_(thing_of)(w, object), &r.object);
  reserve_lost(m, stack, *depth);
  gc_array_store(m, gc_get(m, stack), (*depth)++, gc_get(m, &r.object));
  gc_frame_pop(m, &r.frame);
}

/* All that is lost from `root` on gets new probes. */
static void probe_again(struct world *w, const gc_root *root) {
  struct gc_mutator *m = w->m;
  uint64_t depth = 0;
  if (!is_lost(w, gc_get(m, root)))
    return;
  GC_ROOTS(m, r, stack, object);
  push_if_lost(w, &r.stack, &depth, gc_get(m, root));
  while (depth) {
    gc_ref value;
    gc_set(m, &r.object, gc_array_load(m, gc_get(m, &r.stack), --depth));
    for (uint64_t i = 0; PLAYER_(next_reference)(w, gc_get(m, &r.object), i, &value); i++)
      push_if_lost(w, &r.stack, &depth, value);
  }
  gc_frame_pop(m, &r.frame);
}

static bool finalize_due(struct world *w) {
  struct gc_mutator *m = w->m;
  GC_ROOTS(m, r, object);
  gc_set(m, &r.object, gc_finalizer_next(m));
  bool due = !gc_is_null(gc_get(m, &r.object));
  if (due) {
    uint64_t thing = PLAYER_(thing_of)(w, gc_get(m, &r.object));
    probe_again(w, &r.object);
    finalize(w, m, gc_get(m, &r.object), w->things[thing].kind == KIND_lnode ? GC_FINALIZE_LEGACY : GC_FINALIZE_ONCE);
  }
  gc_frame_pop(m, &r.frame);
  return due;
}

/* Whether there were any.  What they let go dies at the next poll under collectors that count, and may be due then: a
 * chain would take a collection for each of its members otherwise. */
static bool run_round(struct world *w) {
  bool any = gc_deliver(w->m) > 0;
  while (finalize_due(w)) {
    any = true;
    mutator_request_poll(w->m, POLL_PLAN);
    gc_poll(w->m);
  }
  return any;
}

void PLAYER_(run_due)(struct world *w) {
  bool any;
  do {
    any = run_round(w);
    if (any)
      gc_collect(w->m, 1);
  } while (any);
}

void PLAYER_(collect)(struct world *w, int generation, char *result, size_t result_bytes) {
  snprintf(result, result_bytes, "-");
  if (w->control) {
    snprintf(result, result_bytes, "%llu", (unsigned long long)w->control->collect(w->m, generation));
    return;
  }
  gc_poll(w->m);
  gc_collect(w->m, generation);
}
