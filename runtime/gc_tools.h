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

#include <stdio.h>

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
/* `late` minus `early` by type, the most growth first; all of `late` if `early` is NULL.  Fills at most `limit`;
 * returns how many types changed. */
uint64_t gc_snapshot_diff(const struct gc_snapshot *early, const struct gc_snapshot *late,
                          struct gc_type_count *counts, size_t limit);

struct gc_site_count {
  const char *type;
  char site[128]; /* the line that made them: "workloads/list.c:31 push" */
  int64_t objects, bytes;
};
/* The same by type and line, of heaps that have a profile (tools/profile.h), which outlives the snapshots; of other
 * heaps nothing changed.  Exact, or estimated from samples, as the profile is. */
uint64_t gc_snapshot_diff_sites(const struct gc_snapshot *early, const struct gc_snapshot *late,
                                struct gc_site_count *counts, size_t limit);

/* ---- leaks: what grew between two moments, full collections included ---- */

struct gc_leak {
  const char *type;
  int64_t objects, bytes; /* more than before */
  char site[128];         /* the line that makes the most of them; known if the heap has a profile (tools/profile.h) */
  char path[512];         /* why one of them is alive, that is held as most of them are */
};
/* Collects all, then takes a snapshot. */
struct gc_snapshot *gc_leaks_begin(struct gc_mutator *m);
/* Collects all, then tells which types have more objects and bytes than `early`, the most bytes first.  Fills at most
 * `limit`; returns how many types grew. */
uint64_t gc_leaks(struct gc_mutator *m, const struct gc_snapshot *early, struct gc_leak *leaks, size_t limit);

/* ---- resources: files, sockets and locks, which a collector knows nothing of ---- */

/* Something open outside the heap.  An object may hold it, as a `struct gc_resource *` among its scalars. */
struct gc_resource;

/* `name` is what a warning calls it; it is copied.  `close` is called once, with `argument`, on the thread that closes.
 * NULL if memory is refused.  Any thread, as the following. */
struct gc_resource *gc_resource_open(const char *name, void (*close)(void *argument), void *argument, const char *file,
                                     int line);
#define GC_RESOURCE(name, close, argument) gc_resource_open((name), (close), (argument), __FILE__, __LINE__)
/* Closes it, unless it is closed already or NULL.  It can be asked about until gc_resource_forget. */
void gc_resource_close(struct gc_resource *resource);
bool gc_resource_is_open(const struct gc_resource *resource);
/* Closes it, and frees what the runtime knew of it: no object that roots reach may hold it any more. */
void gc_resource_forget(struct gc_resource *resource);

/* GC_WITH(resource) { ... }   closes it at every exit of the block: its end, break, return, goto. */
#define GC_WITH(resource)                                                                                          \
  for (struct gc_resource *gc_with_this __attribute__((cleanup(gc_with_end))) = (resource),                        \
                          *gc_with_once = gc_with_this;                                                            \
       gc_with_once; gc_with_once = NULL)
static inline void gc_with_end(struct gc_resource **resource) { gc_resource_close(*resource); }

/* Objects of `type` hold a resource, or NULL, in the member at `offset_bytes`.  Before any thread attaches. */
void gc_resource_holder(uint32_t type, size_t offset_bytes);
/* An object holds it from now on: it was just stored in the object's member. */
void gc_resource_give(struct gc_resource *resource);

/* Closes each open resource that was given to an object, but that no object which roots reach holds any more.  Writes a
 * line for each to `to`, unless that is NULL: "tests/a.c:17: file b was never closed".  Returns how many there were. */
uint64_t gc_close_unheld(struct gc_mutator *m, FILE *to);
/* The same for all that is open, at the end of a program: held or not.  No mutator may use any. */
uint64_t gc_close_all(FILE *to);

#endif
