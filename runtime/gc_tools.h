/* gc_tools.h -- questions that a program may ask about its heap, under every collector.
 *
 * Each stops the world, takes the graph of all that roots reach (tools/take.h), lets the world go on and answers from
 * the graph: a stop of some 100 ns an object, and 32 bytes an object and 8 a reference outside the heap.  So each may
 * stop the thread, as gc_collect does: references that are not rooted expire.
 *
 * An object is given by a root of the caller, which does not count as a reference: the answer is the one that holds
 * without the question.  No answer holds a reference, since the heap may move as soon as it runs again.
 * A null root has size 0, no referrers, and no path.  Where memory is refused, or objects lie outside the heap (gclab
 * show collector: foreign), an answer is GC_UNKNOWN.
 * The caller is a mutator; the program may run on other threads. */
#ifndef GC_GC_TOOLS_H
#define GC_GC_TOOLS_H

#include "runtime/object/ref.h"

struct gc_mutator;

#define GC_UNKNOWN UINT64_MAX

/* ---- one object ---- */

/* Bytes of the object, header included, as it asked for them. */
uint64_t gc_sizeof(struct gc_mutator *m, const gc_root *object);
/* Bytes of all that can be reached from it, itself included, each object once. */
uint64_t gc_sizeof_deep(struct gc_mutator *m, const gc_root *object);
/* Bytes that would be free if it went: itself, and what can be reached through it only. */
uint64_t gc_retained_bytes(struct gc_mutator *m, const gc_root *object);
/* References to it in objects and roots, counted by looking at all of them, whatever the collector keeps. */
uint64_t gc_reference_count(struct gc_mutator *m, const gc_root *object);

struct gc_reference {
  const char *type;    /* of the object that refers (referrers) or is referred to (referents); NULL: a root refers */
  size_t offset_bytes; /* of the field in the object that refers */
  uintptr_t id;        /* tells objects of one answer apart; where it lay, and no address any more */
};
/* What refers to it, and what it refers to, each once for each reference.  Fills at most `limit`; returns how many
 * there are. */
uint64_t gc_referrers(struct gc_mutator *m, const gc_root *object, struct gc_reference *references, size_t limit);
uint64_t gc_referents(struct gc_mutator *m, const gc_root *object, struct gc_reference *references, size_t limit);

/* The shortest path from a root to it, as "globals[9] -> cache+16 -> array[3] -> entry" (tools/words.h).  Returns its
 * references, that of the root included; 0 if nothing else keeps it alive. */
uint64_t gc_why_alive(struct gc_mutator *m, const gc_root *object, char *text, size_t text_bytes);

/* ---- all objects ---- */

struct gc_type_count {
  const char *type;
  int64_t objects, bytes;
};
/* What is alive, by type, the most bytes first; the globals object included.  Fills at most `limit`; returns how many
 * types there are. */
uint64_t gc_type_histogram(struct gc_mutator *m, struct gc_type_count *counts, size_t limit);

struct gc_cycle_count {
  const char *type;
  int64_t live, live_bytes;       /* objects of the type in live cycles */
  int64_t garbage, garbage_bytes; /* in dead ones that are not freed yet, as far as the collector can list them */
  int64_t largest;                /* objects of all types in the largest cycle that has one of this type */
};
/* Objects in cycles (strongly connected components), by type, the most garbage first.  As gc_type_histogram. */
uint64_t gc_count_cycles(struct gc_mutator *m, struct gc_cycle_count *counts, size_t limit);

/* ---- what changed ---- */

struct gc_snapshot;
/* What is alive now, by type and site; NULL if memory is refused. */
struct gc_snapshot *gc_snapshot_take(struct gc_mutator *m);
void gc_snapshot_free(struct gc_snapshot *snapshot);
/* `late` minus `early` by type, the most growth first.  Fills at most `limit`; returns how many types changed. */
uint64_t gc_snapshot_diff(const struct gc_snapshot *early, const struct gc_snapshot *late,
                          struct gc_type_count *counts, size_t limit);

#endif
