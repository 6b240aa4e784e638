/* oracle.h -- an independent traversal of the heap: its own visited set, stack and reading of types and roots.
 *
 * Used by the verifiers only; shares nothing with runtime/trace.  The world is stopped, or the caller's thread is the
 * only one.  Weak targets and ephemerons are followed like other fields: a traversal comes after the collector
 * decided about them, when they were cleared or live on. */
#ifndef GC_VERIFY_ORACLE_H
#define GC_VERIFY_ORACLE_H

#include "runtime/object/object.h"

struct gc_heap;

struct oracle {
  /* set by the caller, all of it optional */
  struct gc_heap *heap;
  void *context;
  /* An edge; source is null for a root.  Returns whether to go on to the target; NULL: always. */
  bool (*edge)(void *context, gc_ref source, const gc_field *slot, gc_ref target);
  /* A reachable object, once.  Returns false to stop the traversal; NULL: goes on. */
  bool (*visit)(void *context, gc_ref object);
  bool keeps_parents; /* so that oracle_path works afterwards */

  /* the oracle's own */
  uint8_t *visited;   /* one bit for each 8 bytes of the heap's range */
  uintptr_t *parents; /* for each 8 bytes: the object from which it was reached first; 0: a root */
  uintptr_t *stack;
  size_t depth, capacity;
  bool stopped, out_of_memory;
};

/* Traverses.  False if memory was refused.  Afterwards the visited set is there until oracle_fini. */
bool oracle_run(struct oracle *oracle);
void oracle_fini(struct oracle *oracle);

bool oracle_visited(const struct oracle *oracle, gc_ref object);

/* What is wrong with `object` whatever the collector: NULL, or "is …" to follow an address.  Any bits may be asked. */
const char *oracle_object_problem(struct gc_heap *heap, gc_ref object);

/* What a field refers to. */
gc_ref oracle_decode(struct gc_heap *heap, const gc_field *slot);

/* Visits the fields of `object`: those of ordinary types; ephemerons' values as well, which is what a reference count
 * stands for; or all, with weak targets and ephemerons' keys. */
enum oracle_fields { ORACLE_PLAIN, ORACLE_COUNTED, ORACLE_ALL };
void oracle_for_fields(gc_ref object, enum oracle_fields which, void *context,
                       void (*visit)(void *context, gc_ref source, const gc_field *slot));

/* Visits all roots but the globals object itself: rooted locals and due finalizers. */
void oracle_for_roots(struct gc_heap *heap, void *context,
                      void (*visit)(void *context, gc_ref source, const gc_field *slot));

#endif
