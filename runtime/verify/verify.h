/* verify.h -- the oracle: an independent traversal of the heap, to hold the collector's result against.
 *
 * Has its own visited set, its own stack and its own reading of types, and shares no code with runtime/trace.
 * The world is stopped.  Every object reachable from frames, globals and due finalizers must have a sane header, lie where
 * the collector places objects, and count as live for the cycle that just ended. */
#ifndef GC_VERIFY_VERIFY_H
#define GC_VERIFY_VERIFY_H

#include "runtime/object/ref.h"

struct gc_heap;
struct gc_mutator;

struct verify_report {
  uint64_t objects, references, bytes;
  uint64_t bad;      /* edges to objects that are not as they must be */
  char first[256];   /* the first bad edge, in words */
};

/* Traverses and reports; goes on after a bad edge. */
void verify_report(struct gc_heap *heap, struct verify_report *report);

/* The same; prints up to 16 bad edges and aborts if there is any. */
void verify_heap(struct gc_heap *heap);

/* Calls visit(context, object) once for every reachable object; stops early if it returns false.  The caller's thread
 * is the only one that runs.  Returns false if memory for the visited set was refused. */
bool verify_for_reachable(struct gc_heap *heap, void *context, bool (*visit)(void *context, gc_ref object));

#endif
