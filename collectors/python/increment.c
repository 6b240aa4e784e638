/* increment.c -- gc=incremental: the old generation is collected piece by piece, as CPython 3.14.1 to 3.14.4 did.
 *
 * Survivors are old.  They are in two lists: those that the running *scavenge* has visited, and those that are pending.
 *
 *     new ──► young ─────────────┐
 *                                ├──► an increment ──► visited         when nothing is pending any more the
 *     pending, in their order ───┘          │             ▲            two lists change their roles, and the
 *        └── what roots reach, when a       └──► dead     │            next scavenge begins
 *            scavenge begins ─────────────────────────────┘
 *
 * A bit in the header tells which of the two an object is in.  What the bit means changes with the roles, so that
 * nobody visits all objects to reset it.  Frozen objects count as visited; while there are any, roles cannot change,
 * and the visited ones are moved and relabelled instead.  The bit of a young object only says whether marking takes it.
 *
 * Each automatic collection makes work due: as many objects as are new, and a share of the heap, of which two thirds of
 * all work is the most (new_work).  The first collection of a scavenge marks: what globals and frames reach cannot be
 * dead, and is visited at once, however much it is.  Each of the others takes an increment: what frames reach by now is
 * visited first; then all young objects are taken, and pending ones until the work is done, each with all pending ones
 * that it reaches.  Then CPython's steps decide about the increment (collect.c).  While more was done than was due
 * nothing is collected at all, not even the young.
 *
 * Invariant: an old cycle that was dead when the scavenge began is taken whole, by one increment: none of its members
 * was marked, and what takes one of them takes all that this one reaches.  One that dies later, or has young members,
 * may be split: those that were visited keep the others alive, and the next scavenge finds it whole.  Likewise garbage
 * that other garbage refers to, where the latter is taken later: a chain of n dead cycles may take n scavenges.
 *
 * As in CPython, marked objects are twice subtracted from the work that is due, which was an oversight (gh-141890);
 * marked=once counts them once.  The world is stopped, but in the two functions that say otherwise. */
#include "collectors/python/python.h"

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/trace/roots.h"

enum {
  HEAP_SHARE = 10,     /* of the heap, divided by the second threshold: due at each collection ... */
  SHARE_OF_NEW = 2,    /* ... but no more than so many times the new objects */
  SECOND_THRESHOLD_LEAST = 2,
};

static struct links *young_list(struct python *py) { return &py->core.generation[0].head; }
static struct links *visited_list(struct python *py) {
  return &py->core.generation[py->increments.visited_at].head;
}
static struct links *pending_list(struct python *py) {
  return &py->core.generation[GC_GENERATIONS - py->increments.visited_at].head;
}

/* ---- the bit ---- */

static bool is_visited(const struct python *py, gc_ref object) {
  return (count_word(object) & COUNT_VISITED) == py->increments.visited_word;
}

/* Returns how many they are. */
static int64_t set_visited(struct links *list, uint32_t visited_word) {
  int64_t count = 0;
  for (struct links *links = links_next(list); links != list; links = links_next(links)) {
    gc_ref object = object_of_links(links);
    count_set_word(object, (count_word(object) & ~COUNT_VISITED) | visited_word);
    count++;
  }
  return count;
}

/* ---- objects that were not visited are gathered ---- */

struct gathering {
  struct python *py;
  struct links *list; /* where they go */
  int64_t count;
};

static void gather_from_part(void *context, gc_field *slot);

static GC_INLINE void gather(void *context, gc_field *slot) {
  struct gathering *gathering = context;
  gc_ref target = {field_bits(slot)};
  if (gc_is_null(target))
    return;
  uint32_t word = count_word(target);
  if (!(word & COUNT_LINKED)) {
    if (GC_UNLIKELY(word & COUNT_PART))
      python_for_slots(target, gathering, gather_from_part);
    return;
  }
  if ((word & COUNT_VISITED) == gathering->py->increments.visited_word || !links_listed(links_of(target)))
    return;
  count_set_word(target, word ^ COUNT_VISITED);
  list_move(gathering->list, links_of(target));
  gathering->count++;
}
static void gather_from_part(void *context, gc_field *slot) { gather(context, slot); }

static void gather_root(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  gather(context, slot);
}

/* From `first` to the end of the list, which grows meanwhile. */
static void gather_from(struct gathering *gathering, struct links *first) {
  for (struct links *links = first; links != gathering->list; links = links_next(links))
    python_for_slots(object_of_links(links), gathering, gather);
}

/* ---- work ---- */

void PLAN_(increments_init)(struct python *py, int marked_cost) {
  py->incremental = true;
  py->increments = (struct increments){.visited_at = 1, .visited_word = COUNT_VISITED, .marked_cost = marked_cost};
  list_init(&py->increments.taken);
}

static int64_t new_work(const struct python *py) {
  int64_t new_count = py->core.generation[0].count, linked_count = py->linked_before + new_count;
  int64_t threshold = py->core.generation[1].threshold;
  int64_t divisor = HEAP_SHARE * (threshold < SECOND_THRESHOLD_LEAST ? SECOND_THRESHOLD_LEAST : threshold);
  int64_t share = linked_count / divisor, share_most = SHARE_OF_NEW * new_count;
  return new_count + (share < share_most ? share : share_most);
}

/* The mutator's thread. */
bool PLAN_(increment_is_due)(struct python *py) {
  py->increments.work += new_work(py);
  restart_count(py);
  return py->increments.work >= 0;
}

static void work_done(struct python *py, int64_t count) {
  if (!GC_MUTANT(python_work_never_paid))
    py->increments.work -= count;
}

/* ---- what a collection takes ---- */

/* What frames reach, and other roots too if a scavenge begins. */
static void mark(struct python *py) {
  struct links reached;
  struct gathering gathering = {.py = py, .list = &reached};
  list_init(&reached);
  if (!py->increments.marked)
    roots_scan_shared(py->heap.globals, &py->heap.final, &gathering, gather_root);
  roots_scan_mutator(py->mutator, &gathering, gather_root);
  gather_from(&gathering, links_next(&reached));
  list_merge(visited_list(py), &reached);
  work_done(py, gathering.count * (py->increments.marked ? 1 : py->increments.marked_cost));
  py->increments.marked = true;
}

static int64_t take_young(struct python *py) {
  int64_t count = set_visited(young_list(py), py->increments.visited_word);
  list_merge(&py->increments.taken, young_list(py));
  return count;
}

static int64_t take_next_pending(struct python *py) {
  struct links *first = links_next(pending_list(py));
  struct gathering gathering = {.py = py, .list = &py->increments.taken, .count = 1};
  GC_CHECK(2, !is_visited(py, object_of_links(first)), "%p is pending, and was visited",
           (void *)object_of_links(first).bits);
  count_set_word(object_of_links(first), count_word(object_of_links(first)) ^ COUNT_VISITED);
  list_move(&py->increments.taken, first);
  if (!GC_MUTANT(python_increment_not_expanded))
    gather_from(&gathering, first);
  return gathering.count;
}

static void take_increment(struct python *py) {
  int64_t count = take_young(py);
  while (count < py->increments.work && !list_empty(pending_list(py)))
    count += take_next_pending(py);
  work_done(py, count);
}

void PLAN_(visit_all)(struct python *py) {
  set_visited(pending_list(py), py->increments.visited_word);
  set_visited(young_list(py), py->increments.visited_word);
}

/* In the order in which they were pending, visited, and made. */
static void take_all(struct python *py) {
  restart_count(py);
  for (int i = 1; i < GC_GENERATIONS; i++)
    py->core.generation[i].count = 0;
  PLAN_(visit_all)(py);
  list_merge(pending_list(py), visited_list(py));
  list_merge(pending_list(py), young_list(py));
  list_merge(visited_list(py), pending_list(py));
}

bool PLAN_(choose_increment_stw)(struct python *py) {
  bool begins = !py->increments.marked;
  py->chosen = py->generation == GC_GENERATIONS - 1 ? visited_list(py) : &py->increments.taken;
  py->survivors = visited_list(py);
  if (py->generation == 0) {
    restart_count(py);
    py->core.generation[1].count++;
    take_young(py);
    return true;
  }
  if (py->generation == GC_GENERATIONS - 1) {
    take_all(py);
    return true;
  }
  mark(py);
  if (!begins)
    take_increment(py);
  return !begins;
}

/* ---- the end of a scavenge ---- */

static void change_roles(struct python *py) {
  struct increments *increments = &py->increments;
  increments->visited_at = GC_GENERATIONS - increments->visited_at;
  if (GC_MUTANT(python_visited_not_toggled))
    return;
  increments->visited_word ^= COUNT_VISITED;
  for (uint32_t id = 0; id < GC_TYPE_LIMIT; id++)
    if (py->core.birth[id].word & COUNT_LINKED)
      py->core.birth[id].word ^= COUNT_VISITED;
}

static void relabel_visited(struct python *py) {
  set_visited(visited_list(py), pending_word(py));
  list_merge(pending_list(py), visited_list(py));
}

/* The mutator's thread.  Nothing is pending after a full collection, either. */
void PLAN_(increment_end)(struct python *py) {
  if (py->generation == 0 || !list_empty(pending_list(py)))
    return;
  if (list_empty(&py->frozen))
    change_roles(py);
  else
    relabel_visited(py);
  py->increments.marked = false;
  py->increments.work = 0;
}
