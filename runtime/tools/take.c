#include "runtime/tools/take.h"

#include "runtime/cycle/heap.h"
#include "runtime/gc_control.h"
#include "runtime/os/vm.h"
#include "runtime/verify/oracle.h"

enum { GRANULE_SHIFT = 4 }; /* objects are at least 16 bytes long */

struct taking {
  struct graph *graph;
  struct gc_heap *heap;
  const gc_root *asked;
  uint32_t *node_at; /* the object's node, by granule of the heap's range; GRAPH_ROOTS: none yet */
  bool known_only;   /* edges lead to objects that have a node; to others they are not followed */
};

static size_t table_bytes(const struct gc_heap *heap) {
  return align_up((heap->memory.reserved_bytes >> GRANULE_SHIFT) * sizeof(uint32_t), PAGE_BYTES);
}

static uint32_t *node_of(const struct taking *taking, gc_ref object) {
  return &taking->node_at[(object.bits - taking->heap->memory.base) >> GRANULE_SHIFT];
}

static void add_object(void *context, gc_ref object) {
  struct taking *taking = context;
  uint32_t *node = node_of(taking, object);
  if (*node != GRAPH_ROOTS)
    return;
  uint32_t added = graph_add_node(taking->graph, object.bits, object_bytes(object), object_type(object));
  if (added != GRAPH_NONE)
    *node = added;
}

/* The node that `target` has or gets. */
static uint32_t reach(struct taking *taking, gc_ref target) {
  if (gc_is_null(target) || (taking->known_only && !memory_contains(&taking->heap->memory, target.bits)))
    return GRAPH_NONE;
  if (!taking->known_only)
    add_object(taking, target);
  uint32_t node = *node_of(taking, target);
  return node == GRAPH_ROOTS ? GRAPH_NONE : node;
}

static uint32_t place_of(gc_ref source, const gc_field *slot) {
  return (uint32_t)(((uintptr_t)slot - source.bits) / sizeof(gc_field));
}

static void reach_field(void *context, gc_ref source, const gc_field *slot) {
  struct taking *taking = context;
  uint32_t target = reach(taking, oracle_decode(taking->heap, slot));
  if (target != GRAPH_NONE)
    graph_add_edge(taking->graph, target, place_of(source, slot));
}

/* ---- roots ---- */

/* `slot`: NULL if it is none of a program's. */
static void reach_root(struct taking *taking, const void *slot, gc_ref target, struct graph_root root) {
  uint32_t node = reach(taking, target);
  if (node != GRAPH_NONE && !(slot && slot == taking->asked))
    graph_add_root(taking->graph, node, root);
}

static void reach_roots(struct taking *taking) {
  struct gc_heap *heap = taking->heap;
  reach_root(taking, &heap->globals, heap->globals, (struct graph_root){.kind = GRAPH_ROOT_GLOBALS});
  for (struct gc_mutator *m = heap->safepoint.mutators; m; m = m->next) {
    unsigned depth = 0;
    for (struct gc_frame *frame = m->frames; frame; frame = frame->previous, depth++)
      for (size_t i = 0; i < frame->count; i++)
        reach_root(taking, &frame_roots(frame)[i], (gc_ref){frame_roots(frame)[i].bits},
                   (struct graph_root){GRAPH_ROOT_LOCAL, .mutator = m->index, .frame = depth, .index = (unsigned)i});
  }
  const gc_field *ready = heap->final.ready + heap->final.ready_first;
  for (size_t i = 0; i < heap->final.ready_count; i++)
    reach_root(taking, &ready[i], (gc_ref){field_bits(&ready[i])},
               (struct graph_root){GRAPH_ROOT_DUE_FINALIZER, .index = (unsigned)i});
  const struct gc_control *control = heap->collector->control;
  for (size_t i = 0; control && i < control->garbage_count(heap); i++)
    reach_root(taking, NULL, control->garbage(heap, i), (struct graph_root){GRAPH_ROOT_GARBAGE, .index = (unsigned)i});
}

/* ---- ephemerons ---- */

/* The edge of ephemeron `node` to its value is there from the start, but leads nowhere until the key is reached. */
static void add_pending_value(struct taking *taking, gc_ref ephemeron) {
  const struct gc_ephemeron *e = (const struct gc_ephemeron *)ephemeron.bits;
  graph_add_edge(taking->graph, GRAPH_NONE, place_of(ephemeron, &e->value));
}

/* Lets the values of those whose keys were reached since be reached.  Whether there was one. */
static bool resolve_ephemerons(struct taking *taking, uint32_t scanned) {
  struct graph *graph = taking->graph;
  bool resolved = false;
  for (uint32_t node = 1; node < scanned && !graph->out_of_memory; node++) {
    const struct gc_ephemeron *e = (const struct gc_ephemeron *)graph->nodes[node].address;
    size_t edge = graph->nodes[node].first_edge;
    if (gc_types[graph->nodes[node].type].kind != GC_KIND_EPHEMERON || graph->edges[edge].target != GRAPH_NONE)
      continue;
    gc_ref key = oracle_decode(taking->heap, &e->key), value = oracle_decode(taking->heap, &e->value);
    if (gc_is_null(key) || *node_of(taking, key) == GRAPH_ROOTS || gc_is_null(value))
      continue;
    graph->edges[edge].target = reach(taking, value);
    resolved = true;
  }
  return resolved;
}

/* ---- the walk: the nodes themselves are its queue ---- */

static uint32_t scan_from(struct taking *taking, uint32_t node) {
  struct graph *graph = taking->graph;
  for (; node < graph->count && !graph->out_of_memory; node++) {
    gc_ref object = {graph->nodes[node].address};
    graph_begin_edges(graph, node);
    if (gc_types[graph->nodes[node].type].kind == GC_KIND_EPHEMERON)
      add_pending_value(taking, object);
    else
      oracle_for_fields(object, ORACLE_COUNTED, taking, reach_field);
  }
  return node;
}

static void scan_reachable(struct taking *taking) {
  graph_begin_edges(taking->graph, GRAPH_ROOTS);
  reach_roots(taking);
  uint32_t scanned = 1;
  do
    scanned = scan_from(taking, scanned);
  while (resolve_ephemerons(taking, scanned));
  taking->graph->reachable = taking->graph->count;
}

static void scan_garbage(struct taking *taking) {
  struct gc_heap *heap = taking->heap;
  if (!heap->collector->verify_for_objects)
    return;
  for (struct gc_mutator *m = heap->safepoint.mutators; m; m = m->next)
    heap->collector->mutator_flush(heap, m); /* else windows would be listed as objects */
  heap->collector->verify_for_objects(heap, taking, add_object);
  taking->known_only = true;
  scan_from(taking, (uint32_t)taking->graph->reachable);
}

bool take_graph_stw(struct graph *graph, struct gc_heap *heap, enum take_extent extent, const gc_root *asked) {
  struct taking taking = {
      .graph = graph, .heap = heap, .asked = asked, .node_at = vm_reserve(table_bytes(heap), PAGE_BYTES)};
  graph_init(graph);
  if (!taking.node_at)
    graph->out_of_memory = true;
  if (!graph->out_of_memory) {
    scan_reachable(&taking);
    if (extent == TAKE_GARBAGE)
      scan_garbage(&taking);
    graph_finish(graph);
  }
  if (taking.node_at)
    vm_unreserve(taking.node_at, table_bytes(heap));
  if (!graph->out_of_memory)
    return true;
  graph_fini(graph);
  return false;
}

/* ---- stopping ---- */

void take_stop(struct gc_heap *heap, struct gc_mutator *m) {
  if (m) {
    m->stamp++; /* as gc_collect does */
    m->newborn = 0;
    mutator_block(m);
  }
  pthread_mutex_lock(&heap->driver.running); /* whoever holds it may stop the world: safepoint.h's one at a time */
  safepoint_stop(&heap->safepoint);
}

void take_resume(struct gc_heap *heap, struct gc_mutator *m) {
  safepoint_resume(&heap->safepoint);
  pthread_mutex_unlock(&heap->driver.running);
  if (m)
    mutator_unblock(m);
}

bool take_graph(struct graph *graph, struct gc_heap *heap, struct gc_mutator *m, enum take_extent extent,
                const gc_root *asked, uint32_t *node) {
  if (heap->collector->attrs.foreign)
    return false;
  take_stop(heap, m);
  bool taken = take_graph_stw(graph, heap, extent, asked);
  if (taken && node)
    *node = asked && asked->bits ? graph_find(graph, asked->bits) : GRAPH_NONE;
  take_resume(heap, m);
  return taken;
}
