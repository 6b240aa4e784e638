/* harness.h -- what the harness needs of gc.h: it attaches threads, but is compiled for no plan.
 *
 * Between mutator_block and mutator_unblock (mutator/mutator.h) an attached thread waits at the harness's barriers
 * without holding up collections. */
#ifndef GC_HARNESS_H
#define GC_HARNESS_H

struct gc_heap;
struct gc_mutator;

/* As in gc.h. */
struct gc_mutator *gc_attach(struct gc_heap *heap);
void gc_detach(struct gc_mutator *m);

#endif
