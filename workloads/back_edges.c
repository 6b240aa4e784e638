/* back_edges.c -- a doubly linked list that is dropped, with strong and with weak references backwards.
 *
 *   back=strong  each node refers to the one before it: neighbours form cycles, which no count of references frees
 *   back=weak    each node has a weak reference to the one before it: the list dies with its head
 *
 * Each thread builds two lists, keeps one and drops the other.  Weak references of the program's own, one to each node,
 * tell which nodes are left: at once, and after a collection. */
#include "workloads/go_on.h"
#include "workloads/lane.h"
#include "workloads/seen.h"

struct node {
  struct gc_header header;
  gc_field next, back; /* back: the node before, or a weak reference to it; null in the first */
  uint64_t id;
};

/* What a thread keeps. */
struct kept {
  struct gc_header header;
  gc_field head, watchers; /* watchers: array of weak references to the kept list's nodes */
  uint64_t thread;
};

enum { TYPE_node = GC_TYPE_FIRST, TYPE_kept };
static const struct gc_type types[] = {GC_TYPE(node, next, 2), GC_TYPE(kept, head, 2)};

enum { P_BACK, P_NODES };
enum { STRONG, WEAK };
static const char *const kinds[] = {"strong", "weak", NULL};
static const struct gc_option params[] = {
    {"back", GC_OPTION_CHOICE, 0, 0, kinds, "strong", "the references backwards"},
    {"nodes", GC_OPTION_INT, 2, 1e9, .fallback = "100000", .help = "of each list; each thread has two"},
    {0}};

enum { F_LEFT, F_LEFT_COLLECTED };
static const struct gc_figure figures[] = {
    {"left_nodes", "of a list that was dropped, before any collection was asked for"},
    {"left_collected_nodes", "of it, after a full collection"},
    {0}};

static uint64_t nodes_of(const struct gc_work *work) { return (uint64_t)work_int(work, P_NODES); }
static uint64_t node_id(const struct gc_work *work, unsigned thread, uint64_t index) {
  return thread * nodes_of(work) + index + 1;
}

/* ---- a list ---- */

/* A list whose nodes are watched by `watchers`, from the first to the last. */
static gc_ref list_new(struct gc_mutator *m, const struct gc_work *work, const gc_root *watchers) {
  GC_ROOTS(m, r, head, last, weak, node);
  for (uint64_t i = 0; i < nodes_of(work); i++) {
    gc_set(m, &r.node, GC_NEW(m, node));
    GC_PUT(m, gc_get(m, &r.node), node, id, node_id(work, work->thread, i));
    if (i > 0) {
      bool is_weak = work_int(work, P_BACK) == WEAK;
      gc_set(m, &r.weak, is_weak ? gc_weak_new(m, &r.last, NULL, NULL) : GC_NULL);
      GC_STORE(m, gc_get(m, &r.node), node, back, is_weak ? gc_get(m, &r.weak) : gc_get(m, &r.last));
      GC_STORE(m, gc_get(m, &r.last), node, next, gc_get(m, &r.node));
    } else {
      gc_set(m, &r.head, gc_get(m, &r.node));
    }
    gc_set(m, &r.last, gc_get(m, &r.node));
    gc_ref watcher = gc_weak_new(m, &r.node, NULL, NULL);
    gc_array_store(m, gc_get(m, watchers), i, watcher);
  }
  gc_ref head = gc_get(m, &r.head);
  gc_frame_pop(m, &r.frame);
  return head;
}

static uint64_t left_nodes(struct gc_mutator *m, const struct gc_work *work, const gc_root *watchers) {
  uint64_t left = 0;
  for (uint64_t i = 0; i < nodes_of(work); i++) {
    gc_poll(m);
    left += !gc_is_null(gc_weak_get(m, gc_array_load(m, gc_get(m, watchers), i)));
  }
  return left;
}

/* ---- the work ---- */

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

/* Builds a list, drops it, and counts what is left of it. */
static void drop_one(struct gc_mutator *m, const struct gc_work *work) {
  GC_ROOTS(m, r, watchers, head);
  gc_set(m, &r.watchers, gc_alloc_array(m, nodes_of(work)));
  gc_set(m, &r.head, list_new(m, work, &r.watchers));
  gc_set(m, &r.head, GC_NULL);
  go_on(m);
  work_set_figure(work, F_LEFT, (double)left_nodes(m, work, &r.watchers));
  /* Twice: the first may join a cycle that began when the list was still held. */
  bool collects = gc_collect(m, 1) >= 0 && gc_collect(m, 1) >= 0;
  uint64_t left = left_nodes(m, work, &r.watchers);
  work_set_figure(work, F_LEFT_COLLECTED, (double)left);
  if (collects && left > 0 && work_int(work, P_BACK) == WEAK) /* cycles some option of a collector may leave alone */
    work_fail(work, "%llu nodes outlived a full collection", (unsigned long long)left);
  gc_frame_pop(m, &r.frame);
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  drop_one(m, work);
  GC_ROOTS(m, r, watchers, head);
  gc_set(m, &r.watchers, gc_alloc_array(m, nodes_of(work)));
  gc_set(m, &r.head, list_new(m, work, &r.watchers));
  gc_ref kept = GC_NEW(m, kept);
  GC_INIT(m, kept, kept, head, gc_get(m, &r.head));
  GC_INIT(m, kept, kept, watchers, gc_get(m, &r.watchers));
  GC_PUT(m, kept, kept, thread, work->thread);
  lane_store(m, work, kept);
  gc_frame_pop(m, &r.frame);
  return nodes_of(work);
}

/* ---- checking ---- */

/* `weak` refers to `node` and was not reached before. */
static void weak_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref weak, gc_ref node) {
  seen_object(m, work, seen, weak);
  if (!gc_same(m, gc_weak_get(m, weak), node))
    work_fail(work, "a weak reference to a node that is alive is null, or another one's");
}

static void list_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, unsigned thread,
                       gc_ref kept) {
  gc_ref before = GC_NULL, node = GC_LOAD(m, kept, kept, head), watchers = GC_LOAD(m, kept, kept, watchers);
  array_check(m, work, watchers, nodes_of(work));
  for (uint64_t i = 0; i < nodes_of(work); i++) {
    if (gc_is_null(node) || GC_DEREF(m, node, node)->id != node_id(work, thread, i))
      work_fail(work, "node %llu of thread %u is gone", (unsigned long long)i, thread);
    gc_ref back = GC_LOAD(m, node, node, back);
    if (work_int(work, P_BACK) == WEAK && i > 0)
      weak_check(m, work, seen, back, before);
    else if (!gc_same(m, back, before))
      work_fail(work, "node %llu of thread %u has another one before it", (unsigned long long)i, thread);
    weak_check(m, work, seen, gc_array_load(m, watchers, i), node);
    before = node;
    node = GC_LOAD(m, node, node, next);
  }
  if (!gc_is_null(node))
    work_fail(work, "the list of thread %u does not end", thread);
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t weak_count = nodes_of(work) + (work_int(work, P_BACK) == WEAK ? nodes_of(work) - 1 : 0);
  struct seen seen = seen_create(work, work->threads * weak_count);
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_ref kept = lane_check(m, work, thread);
    if (GC_DEREF(m, kept, kept)->thread != thread)
      work_fail(work, "thread %u lost its list", thread);
    list_check(m, work, &seen, thread, kept);
  }
  seen_check_full(work, &seen);
  seen_destroy(&seen);
  return weak_count;
}

GC_WORKLOAD(.name = "back_edges", .summary = "a doubly linked list, with strong or weak references backwards",
            .stresses = "Whether a dropped structure is gone at once, or waits for a collection that must find its "
                        "cycles; as many weak references as objects.",
            .source = "gclab's own", .sharing = GC_WORK_COPIES, .needs = {.cycles = true, .weak = true},
            .types = types, .type_count = 2, .params = params, .figures = figures, .small = "back=weak,nodes=1500",
            .prepare = prepare, .run = run, .check = check);
