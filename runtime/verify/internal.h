/* internal.h -- the verifiers that are files of their own, as verify.c calls them at their moments. */
#ifndef GC_VERIFY_INTERNAL_H
#define GC_VERIFY_INTERNAL_H

struct gc_heap;

/* The world is stopped.  Each aborts if it finds anything. */
void verify_remembered(struct gc_heap *heap); /* remembered.c */
void verify_shadow(struct gc_heap *heap);     /* shadow.c; ends the noting */
void verify_remark(struct gc_heap *heap);     /* remark.c; adds to the floating garbage */
void verify_counts(struct gc_heap *heap);     /* counts.c */

#endif
