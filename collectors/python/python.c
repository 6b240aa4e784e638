/* python.c -- the heap, its one mutator, allocation, and the hooks of the verifiers. */
#include "collectors/python/python.h"

#include <stdlib.h>

#include "runtime/os/clock.h"

enum { OPTION_GC, OPTION_THRESHOLD, OPTION_MARKED };
enum { GENERATIONAL, INCREMENTAL };
enum { ZEROS_POLL = 64 }; /* so many queued zeros ask for a poll */
enum { THRESHOLD_YOUNG = 700, THRESHOLD_OLDER = 10 }; /* CPython 3.11's */
enum { THRESHOLD_YOUNG_INCREMENTAL = 2000 };           /* CPython 3.14's; the third is 0 there */

/* ---- types ---- */

static bool refers(const struct gc_type *type) {
  return type->kind == GC_KIND_REF_ARRAY || type->refs_count || type->more_refs;
}

/* What may be in a cycle has links; a type of the runtime's own, the globals, has not, since it lies elsewhere. */
static uint8_t around_bytes_of(uint32_t id, const struct gc_type *type) {
  bool listed = id != GC_TYPE_GLOBALS && refers(type) && type->nature != GC_NATURE_PART;
  return listed || type->kind == GC_KIND_WEAK ? (uint8_t)around_linked_bytes(type) : 0;
}

static void read_types(struct python *py) {
  py->unlists = false;
  for (uint32_t id = 0; id < gc_type_count && id < GC_TYPE_LIMIT; id++) {
    const struct gc_type *type = &gc_types[id];
    uint8_t around_bytes = around_bytes_of(id, type);
    uint32_t word = around_bytes ? COUNT_LINKED : type->nature == GC_NATURE_PART ? COUNT_PART : 0;
    word |= type->kind == GC_KIND_WEAK ? COUNT_WEAK : 0;
    word |= py->incremental && word & COUNT_LINKED ? pending_word(py) : 0;
    py->core.birth[id] = (struct python_birth){word, around_bytes, type->nature == GC_NATURE_TABLE};
    py->unlists |= type->nature == GC_NATURE_TABLE || type->nature == GC_NATURE_IMMUTABLE;
  }
}

/* ---- the heap ---- */

static void set_thresholds(struct python *py, uint32_t young) {
  uint32_t usual = py->incremental ? THRESHOLD_YOUNG_INCREMENTAL : THRESHOLD_YOUNG;
  py->core.generation[0].threshold = young ? young : usual;
  py->core.generation[1].threshold = THRESHOLD_OLDER;
  py->core.generation[2].threshold = py->incremental ? 0 : THRESHOLD_OLDER;
  PLAN_(set_limit)(py);
}

static const char *init(struct gc_heap *heap) {
  struct python *py = python_of(heap);
  if (!private_heap_init(&py->core.blocks, &heap->memory))
    return "no address space for the table of arenas";
  const char *problem = mark_spaces_init(&py->outside, &heap->memory);
  if (problem) {
    private_heap_fini(&py->core.blocks);
    return problem;
  }
  py->outside.cells.exact = true;
  rc_pool_init(&py->zero_pool, &heap->memory);
  for (int i = 0; i < GC_GENERATIONS; i++)
    list_init(&py->core.generation[i].head);
  list_init(&py->frozen);
  if (heap_option(heap, OPTION_GC).integer == INCREMENTAL)
    PLAN_(increments_init)(py, heap_option(heap, OPTION_MARKED).integer ? 1 : 2);
  py->enabled = true;
  set_thresholds(py, (uint32_t)heap_option(heap, OPTION_THRESHOLD).integer);
  count_set_word(heap->globals, 1); /* never found at zero */
  return NULL;
}

static void fini(struct gc_heap *heap) {
  struct python *py = python_of(heap);
  free(py->garbage);
  PLAN_(weak_fini)(py);
  rc_pool_fini(&py->zero_pool);
  mark_spaces_fini(&py->outside);
  private_heap_fini(&py->core.blocks);
}

static void mutator_init(struct gc_heap *heap, struct gc_mutator *m) {
  struct python *py = python_of(heap);
  py->mutator = m;
  plan_python(m)->core = &py->core;
  rc_buffer_init(&plan_python(m)->zeros, &py->zero_pool, m, ZEROS_POLL);
  read_types(py);
}

/* Nothing is in a register any more.  All bytes are local but those of pools on another node. */
static void mutator_flush(struct gc_heap *heap, struct gc_mutator *base) {
  struct plan_mutator *m = plan_python(base);
  PLAN_(settle)(base);
  cell_cache_retire(&python_of(heap)->outside.cells, &m->cells);
  m->remote_bytes = size_min(m->remote_bytes, base->counts.alloc_bytes);
  base->counts.alloc_remote_bytes = m->remote_bytes;
  base->counts.alloc_local_bytes = base->counts.alloc_bytes - m->remote_bytes;
}

static void mutator_fini(struct gc_heap *heap, struct gc_mutator *m) {
  rc_buffer_clear(&plan_python(m)->zeros); /* an empty chunk */
  python_of(heap)->mutator = NULL;
}

static void poll(struct gc_heap *heap, struct gc_mutator *m) {
  uint64_t begin_ns = heap->config.unmeasured ? 0 : clock_now_ns();
  PLAN_(settle)(m);
  m->counts.assist_ns += heap->config.unmeasured ? 0 : clock_now_ns() - begin_ns;
  safepoint_note(m, THREAD_ASSIST, begin_ns);
}

/* ---- allocation ---- */

static uintptr_t take_small(struct python *py, struct gc_mutator *m, size_t bytes) {
  uintptr_t block = private_heap_take(&py->core.blocks, bytes);
  if (block)
    return block;
  block = private_heap_take_slow(&py->core.blocks, pool_class_of(bytes));
  if (block && memory_node_of(&m->heap->memory, block) != m->node)
    plan_python(m)->remote_bytes += POOL_BYTES;
  return block;
}

static uintptr_t take_outside(struct python *py, struct gc_mutator *m, uint32_t type, size_t bytes) {
  if (bytes <= CELL_MAX_BYTES)
    return trigger_alloc_cell(m, &py->outside.cells, &plan_python(m)->cells, bytes);
  return trigger_alloc_large(m, &py->outside.large, type, bytes, 0).bits;
}

static gc_ref try_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  struct python *py = python_of(m->heap);
  size_t total_bytes = bytes + py->core.birth[type].around_bytes;
  uintptr_t block;
  if (total_bytes > POOL_BLOCK_MAX_BYTES) {
    block = take_outside(py, m, type, total_bytes);
  } else if ((block = take_small(py, m, total_bytes))) {
    memset((void *)block, 0, total_bytes);
    m->counts.alloc_bytes += total_bytes;
  }
  return block ? plan_place(&py->core, block, type) : GC_NULL;
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return trigger_alloc(m, type, bytes, try_alloc);
}

void PLAN_(sample)(struct gc_mutator *m, gc_ref object, uint32_t type, size_t bytes) {
  trigger_sample(m, object, type, bytes, m->counts.alloc_bytes - bytes);
}

/* ---- sizes ---- */

static void add_large(void *context, gc_ref block) {
  gc_ref object = *(uintptr_t *)block.bits & LINKS_HERE ? object_of_links((struct links *)block.bits) : block;
  *(size_t *)context += align_up(object_bytes(object) + (object.bits - block.bits), PAGE_BYTES);
}

size_t PLAN_(large_bytes)(struct python *py) {
  size_t bytes = 0;
  large_space_for_objects(&py->outside.large, &bytes, add_large);
  return bytes;
}

static size_t live_bytes(struct gc_heap *heap) { return python_of(heap)->live_bytes; }

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  if (python_of(heap)->generation < GC_GENERATIONS - 1)
    return GC_CYCLE_MINOR;
  return reason == GC_REASON_LAST_RESORT ? GC_CYCLE_EMERGENCY : GC_CYCLE_MAJOR;
}

/* ---- verifiers ---- */

static bool verify_live(struct gc_heap *heap, gc_ref object) {
  (void)heap;
  return count_get(object) > 0;
}

static const char *verify_object(struct gc_heap *heap, gc_ref object) {
  struct python *py = python_of(heap);
  uintptr_t block = object.bits - (count_is_linked(object) ? LINKS_BYTES : 0);
  enum space_id space = memory_chunk_space(&heap->memory, memory_chunk_index(&heap->memory, block));
  if (space == SPACE_REGION)
    return private_heap_problem(&py->core.blocks, block);
  const char *problem = mark_verify_object(&py->outside, (gc_ref){block});
  if (!problem && space == SPACE_CELL && !sidemap_test(&py->outside.cells.allocated, block))
    return "was freed";
  return problem;
}

struct walk {
  void *context;
  void (*visit)(void *context, gc_ref object);
};

static void visit_block(void *context, uintptr_t block) {
  const struct walk *walk = context;
  bool linked = *(const uintptr_t *)block & LINKS_HERE;
  walk->visit(walk->context, (gc_ref){block + (linked ? LINKS_BYTES : 0)});
}
static void visit_outside(void *context, gc_ref block) { visit_block(context, block.bits); }

static void verify_for_objects(struct gc_heap *heap, void *context, void (*visit)(void *context, gc_ref object)) {
  struct python *py = python_of(heap);
  struct walk walk = {context, visit};
  private_heap_for_blocks(&py->core.blocks, &walk, visit_block);
  mark_for_objects(&py->outside, &walk, visit_outside);
}

/* What the garbage list holds, no verifier sees. */
static int64_t verify_count(struct gc_heap *heap, gc_ref object) {
  const struct python *py = python_of(heap);
  for (size_t i = 0; i < py->garbage_count; i++)
    if (py->garbage[i].bits == object.bits)
      return GC_COUNT_UNKNOWN;
  return count_get(object);
}

/* Increments are not of an age. */
static void restrict_attrs(struct gc_attrs *attrs, const struct gc_value *values) {
  attrs->generational &= values[OPTION_GC].integer == GENERATIONAL;
}

static const char *const gc_choices[] = {[GENERATIONAL] = "generational", [INCREMENTAL] = "incremental", NULL};
static const char *const marked_choices[] = {"twice", "once", NULL};
static const struct gc_option options[] = {
    [OPTION_GC] = {.name = "gc", .kind = GC_OPTION_CHOICE, .choices = gc_choices, .fallback = "generational",
                   .help = "generational: three generations, as CPython 3.11; incremental: the young one and a piece "
                           "of the old one at a time, as CPython 3.14.1 to 3.14.4"},
    [OPTION_THRESHOLD] = {.name = "threshold", .kind = GC_OPTION_INT, .min = 0, .max = 1e9, .fallback = "0",
                          .help = "so many new objects are not yet collected; 0: CPython's number, 700 or, if "
                                  "incremental, 2000"},
    [OPTION_MARKED] = {.name = "marked", .kind = GC_OPTION_CHOICE, .choices = marked_choices, .fallback = "twice",
                       .help = "how often an object that marking visits counts as work done, if incremental; CPython "
                               "3.14 counts it twice"},
    {0}};

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "CPython 3.11: counts and frees at once; three generations find cycles; one mutator",
    .attrs = {.reclaims = true, .generational = true, .counts = true, .cycles = true, .weak = true, .finalizers = true},
    .options = options,
    .restrict_attrs = restrict_attrs,
    .copied_types = true,
    .heap_bytes = sizeof(struct python),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = fini,
    .mutator_init = mutator_init,
    .mutator_flush = mutator_flush,
    .mutator_fini = mutator_fini,
    .poll = poll,
    .collect = PLAN_(collect),
    .weak_register = PLAN_(weak_register),
    .weak_shared = PLAN_(weak_shared),
    .control = &PLAN_(control),
    .choose = choose,
    .cycles = {[GC_CYCLE_MINOR] = PLAN_(phases),
               [GC_CYCLE_MAJOR] = PLAN_(phases),
               [GC_CYCLE_EMERGENCY] = PLAN_(phases)},
    .live_bytes = live_bytes,
    .verify_live = verify_live,
    .verify_object = verify_object,
    .verify_for_objects = verify_for_objects,
    .verify_count = verify_count,
};
