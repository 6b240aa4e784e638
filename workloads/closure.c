/* closure.c -- a function's local list that outlives it, because a function made inside refers to it.
 *
 *     def outer():                           namespace (dictionary)
 *         data = [item] * elements             -> function -> tuple of cells -> cell -> list -> item
 *         def inner(): return data
 *         return inner
 *
 * Each thread calls outer twice and stores what it gets in its namespace.  No collection frees a list that a function
 * holds; dropping the function does.  One function is dropped, the other one kept. */
#include "workloads/deep.h"
#include "workloads/go_on.h"
#include "workloads/lane.h"

struct item {
  struct gc_header header;
  uint64_t thread, call;
};

struct cell {
  struct gc_header header;
  gc_field content;
};

struct function {
  struct gc_header header;
  gc_field cells; /* array */
  uint64_t thread, call;
};

struct namespace {
  struct gc_header header;
  gc_field leaking, kept; /* functions */
  uint64_t thread;
};

enum { TYPE_item = GC_TYPE_FIRST, TYPE_cell, TYPE_function, TYPE_namespace };
static const struct gc_type types[] = {GC_TYPE_LEAF(item), GC_TYPE(cell, content, 1), GC_TYPE(function, cells, 1),
                                       GC_TYPE(namespace, leaking, 2)};

enum { P_ELEMENTS };
static const struct gc_option params[] = {
    {"elements", GC_OPTION_INT, 1, 1e9, .fallback = "1000000", .help = "of each list; each thread has two"}, {0}};

enum { F_HELD, F_STEPS, F_LEFT, F_LEFT_COLLECTED };
static const struct gc_figure figures[] = {
    {"held_bytes", "of the function and what it holds, after its maker returned and all was collected"},
    {"path_steps", "references from the namespace to the list, on the shortest path"},
    {"left_bytes", "of the list, after the function was dropped and before any collection was asked for"},
    {"left_collected_bytes", "of it, after a full collection"},
    {0}};

static uint64_t elements_of(const struct gc_work *work) { return (uint64_t)work_int(work, P_ELEMENTS); }

/* ---- the program ---- */

/* What the second line of outer makes. */
static gc_ref list_new(struct gc_mutator *m, const struct gc_work *work, uint64_t call) {
  GC_ROOTS(m, r, item, list);
  gc_set(m, &r.item, GC_NEW(m, item));
  GC_PUT(m, gc_get(m, &r.item), item, thread, work->thread);
  GC_PUT(m, gc_get(m, &r.item), item, call, call);
  gc_set(m, &r.list, gc_alloc_array(m, elements_of(work)));
  for (uint64_t i = 0; i < elements_of(work); i++) {
    gc_poll(m);
    gc_array_store(m, gc_get(m, &r.list), i, gc_get(m, &r.item));
  }
  gc_ref list = gc_get(m, &r.list);
  gc_frame_pop(m, &r.frame);
  return list;
}

/* Returns inner. */
static gc_ref outer(struct gc_mutator *m, const struct gc_work *work, uint64_t call) {
  GC_ROOTS(m, r, list, cell, cells);
  gc_set(m, &r.list, list_new(m, work, call));
  gc_set(m, &r.cell, GC_NEW(m, cell));
  GC_STORE(m, gc_get(m, &r.cell), cell, content, gc_get(m, &r.list));
  gc_set(m, &r.cells, gc_alloc_array(m, 1));
  gc_array_store(m, gc_get(m, &r.cells), 0, gc_get(m, &r.cell));
  gc_ref function = GC_NEW(m, function);
  GC_INIT(m, function, function, cells, gc_get(m, &r.cells));
  GC_PUT(m, function, function, thread, work->thread);
  GC_PUT(m, function, function, call, call);
  gc_frame_pop(m, &r.frame);
  return function;
}

static gc_ref function_list(struct gc_mutator *m, gc_ref function) {
  return GC_LOAD(m, gc_array_load(m, GC_LOAD(m, function, function, cells), 0), cell, content);
}

static gc_ref namespace_of(struct gc_mutator *m, const struct gc_work *work) {
  return lane_check(m, work, work->thread);
}

/* ---- what is measured ---- */

/* Twice: the first may join a cycle that began earlier. */
static bool collect_all(struct gc_mutator *m) { return gc_collect(m, 1) >= 0 && gc_collect(m, 1) >= 0; }

static double steps_to(struct gc_mutator *m, const gc_root *object) {
  char path[256];
  uint64_t steps = gc_why_alive(m, object, path, sizeof path);
  return steps == GC_UNKNOWN ? NAN : (double)steps;
}

/* The root that asks is no reference, and there is no other one: so both paths lead through globals and lanes. */
static void find_path(struct gc_mutator *m, const struct gc_work *work) {
  GC_ROOTS(m, r, asked);
  gc_set(m, &r.asked, namespace_of(m, work));
  double to_namespace = steps_to(m, &r.asked);
  gc_set(m, &r.asked, function_list(m, GC_LOAD(m, namespace_of(m, work), namespace, leaking)));
  work_set_figure(work, F_STEPS, steps_to(m, &r.asked) - to_namespace);
  gc_frame_pop(m, &r.frame);
}

/* Of what `weak` refers to, while nothing else is asked. */
static double weak_bytes(struct gc_mutator *m, const gc_root *weak) {
  GC_ROOTS(m, r, list);
  gc_set(m, &r.list, gc_weak_get(m, gc_get(m, weak)));
  double bytes = deep_bytes(m, &r.list);
  gc_frame_pop(m, &r.frame);
  return bytes;
}

static void measure_leak(struct gc_mutator *m, const struct gc_work *work) {
  GC_ROOTS(m, r, asked, weak);
  bool collects = collect_all(m);
  gc_set(m, &r.asked, GC_LOAD(m, namespace_of(m, work), namespace, leaking));
  work_set_figure(work, F_HELD, deep_bytes(m, &r.asked));
  gc_set(m, &r.asked, function_list(m, gc_get(m, &r.asked)));
  gc_set(m, &r.weak, gc_weak_new(m, &r.asked, NULL, NULL));
  gc_set(m, &r.asked, GC_NULL);
  GC_STORE(m, namespace_of(m, work), namespace, leaking, GC_NULL);
  go_on(m);
  work_set_figure(work, F_LEFT, weak_bytes(m, &r.weak));
  collects = collect_all(m) && collects;
  if (collects && !gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))))
    work_fail(work, "the list outlived its function and a full collection");
  work_set_figure(work, F_LEFT_COLLECTED, weak_bytes(m, &r.weak));
  gc_frame_pop(m, &r.frame);
}

/* ---- the work ---- */

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  gc_ref namespace = GC_NEW(m, namespace);
  GC_PUT(m, namespace, namespace, thread, work->thread);
  lane_store(m, work, namespace);
  gc_ref leaking = outer(m, work, 1);
  GC_STORE(m, namespace_of(m, work), namespace, leaking, leaking);
  gc_ref kept = outer(m, work, 2);
  GC_STORE(m, namespace_of(m, work), namespace, kept, kept);
  find_path(m, work);
  measure_leak(m, work);
  return elements_of(work);
}

static void function_check(struct gc_mutator *m, const struct gc_work *work, unsigned thread, gc_ref function) {
  if (gc_is_null(function) || GC_DEREF(m, function, function)->thread != thread ||
      GC_DEREF(m, function, function)->call != 2)
    work_fail(work, "the function of thread %u is gone", thread);
  array_check(m, work, GC_LOAD(m, function, function, cells), 1);
  gc_ref cell = gc_array_load(m, GC_LOAD(m, function, function, cells), 0);
  if (gc_is_null(cell))
    work_fail(work, "the cell of thread %u is gone", thread);
  gc_ref list = GC_LOAD(m, cell, cell, content);
  array_check(m, work, list, elements_of(work));
  gc_ref item = gc_array_load(m, list, 0);
  if (gc_is_null(item) || GC_DEREF(m, item, item)->thread != thread || GC_DEREF(m, item, item)->call != 2)
    work_fail(work, "the item of thread %u is gone", thread);
  for (uint64_t i = 1; i < elements_of(work); i++)
    if (!gc_same(m, gc_array_load(m, list, i), item))
      work_fail(work, "element %llu of thread %u has changed", (unsigned long long)i, thread);
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_ref namespace = lane_check(m, work, thread);
    if (GC_DEREF(m, namespace, namespace)->thread != thread ||
        !gc_is_null(GC_LOAD(m, namespace, namespace, leaking)))
      work_fail(work, "the namespace of thread %u has changed", thread);
    function_check(m, work, thread, GC_LOAD(m, namespace, namespace, kept));
  }
  return elements_of(work);
}

GC_WORKLOAD(.name = "closure", .summary = "a long list that is kept alive by a function made inside another one",
            .stresses = "A leak that no collector can see, since all of it is reachable; then one large object that "
                        "dies by one store.",
            .source = "gclab's own", .sharing = GC_WORK_COPIES, .needs = {.weak = true}, .types = types,
            .type_count = 4, .params = params, .figures = figures, .small = "elements=6000", .prepare = prepare,
            .run = run, .check = check);
