/* ref.h -- the three kinds of reference.
 *
 * They are distinct one-word structs, so that `n->left = r` and `r.head = x` do not compile and no
 * barrier can be forgotten.  No C operator ever touches `.bits` outside runtime/ and plan headers. */
#ifndef GC_OBJECT_REF_H
#define GC_OBJECT_REF_H

#include <stdatomic.h>

#include "runtime/base/compiler.h"

/* In registers and locals: the plain address of an object's current copy, good until the next poll. */
typedef struct {
  uintptr_t bits;
} gc_ref;

/* Inside heap objects; may be coloured by the plan; read by gc_load, written by gc_store only. */
typedef struct {
  _Atomic(uintptr_t) bits;
} gc_field;

/* A rooted local in a frame; read by gc_get, written by gc_set only. */
typedef struct {
  uintptr_t bits;
} gc_root;

#define GC_NULL ((gc_ref){0})

static GC_INLINE bool gc_is_null(gc_ref ref) { return ref.bits == 0; }

#endif
