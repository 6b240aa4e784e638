/* paths.c -- each hot operation of gc.h as a function of its own, for disassembly.sh to read.
 *
 * Compiled once for each plan, never run.  A plan's own load hook is a barrier, which the name tells. */
#include "runtime/gc.h"

struct node {
  struct gc_header header;
  gc_field left, right;
  int64_t key;
};

enum { TYPE_node = GC_TYPE_FIRST };

#ifdef PLAN_OWN_LOAD
#define path_load path_load_with_barrier
#endif

gc_ref path_alloc(struct gc_mutator *m);
gc_ref path_load(struct gc_mutator *m, gc_ref object, gc_field *field);
void path_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value);
void path_poll(struct gc_mutator *m);

gc_ref path_alloc(struct gc_mutator *m) { return GC_NEW(m, node); }

gc_ref path_load(struct gc_mutator *m, gc_ref object, gc_field *field) { return gc_load(m, object, field); }

void path_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  gc_store(m, object, field, value);
}

void path_poll(struct gc_mutator *m) { gc_poll(m); }
