/* gc_bare.h -- gc.h as it would be without a collector: plain C on malloc, to measure what the object model costs.
 *
 * Under plan `bare` (collectors/bare/plan.h) gc.h includes this instead of its own text.  The names are the same, and
 * so is the work of a workload; but objects have no header, rooted locals are ordinary locals in no frame, polls are
 * nothing, loads and stores are those of C, and nothing is freed.  Threads: as in gc.h.
 *
 * Memory is null, as the workloads expect.  With BARE_BUMP it is bumped as under epsilon, so that epsilon differs by
 * the object model alone; else it comes from calloc, and LD_PRELOAD puts another malloc in its place. */
#ifndef GC_GC_BARE_H
#define GC_GC_BARE_H

#include <stdlib.h>
#include <string.h>

#include "runtime/collector.h"
#include "runtime/object/forward.h"

/* From here on the objects of the file have no header: struct gc_header takes no bytes. */
struct bare_header {};
#define gc_header bare_header

struct bare_array {
  uint64_t length; /* references */
  gc_field slot[];
};
struct bare_raw {
  uint64_t length_bytes;
  unsigned char data[];
};
struct bare_weak {
  gc_field target;
};
#define gc_array bare_array
#define gc_raw bare_raw
#define gc_weak bare_weak

/* Descriptors and sizes are those of the managed objects, so that the same work is done. */
enum { BARE_SAVED_BYTES = GC_OBJECT_ALIGN_BYTES };
#undef GC_TYPE
#define GC_TYPE(tag, first_reference, count)                                                     \
  { .name = #tag, .size_bytes = sizeof(struct tag) + BARE_SAVED_BYTES,                           \
    .refs_offset = offsetof(struct tag, first_reference) + BARE_SAVED_BYTES, .refs_count = (count) }
#undef GC_TYPE_LEAF
#define GC_TYPE_LEAF(tag) { .name = #tag, .size_bytes = sizeof(struct tag) + BARE_SAVED_BYTES, .acyclic = true }
#define GC_SIZEOF(tag) (sizeof(struct tag) + BARE_SAVED_BYTES)

/* ---- threads ---- */

struct gc_mutator *gc_attach(struct gc_heap *heap);
void gc_detach(struct gc_mutator *m);
int64_t gc_collect(struct gc_mutator *m, int generation);

static GC_INLINE void gc_poll(struct gc_mutator *m) { (void)m; }
static GC_INLINE void gc_block(struct gc_mutator *m) { (void)m; }
static GC_INLINE void gc_unblock(struct gc_mutator *m) { (void)m; }

/* ---- locals ---- */

struct bare_frame {};
#define GC_ROOTS(m, name, ...)                                                                   \
  struct {                                                                                       \
    struct bare_frame frame;                                                                     \
    gc_root __VA_ARGS__;                                                                         \
  } name = {}

static GC_INLINE void gc_frame_pop(struct gc_mutator *m, struct bare_frame *frame) { (void)m, (void)frame; }
static GC_INLINE gc_ref gc_get(struct gc_mutator *m, const gc_root *root) {
  (void)m;
  return (gc_ref){root->bits};
}
static GC_INLINE void gc_set(struct gc_mutator *m, gc_root *root, gc_ref value) {
  (void)m;
  root->bits = value.bits;
}

/* ---- allocation ---- */

/* `bytes`: of the struct, which has no header here. */
static GC_INLINE gc_ref gc_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
#ifdef BARE_BUMP
  uintptr_t address;
  if (GC_LIKELY(tlab_bump(&m->tlab, align_up(bytes, GC_OBJECT_ALIGN_BYTES), &address)))
    return (gc_ref){address};
#else
  void *object = calloc(1, bytes);
  if (GC_LIKELY(object))
    return (gc_ref){(uintptr_t)object};
#endif
  return PLAN_(alloc_slow)(m, type, bytes);
}
#define GC_NEW(m, tag) gc_alloc((m), TYPE_##tag, sizeof(struct tag))

static GC_INLINE gc_ref gc_alloc_array(struct gc_mutator *m, uint64_t length) {
  gc_ref array = gc_alloc(m, GC_TYPE_ARRAY, sizeof(struct bare_array) + length * sizeof(gc_field));
  ((struct bare_array *)array.bits)->length = length;
  return array;
}
static GC_INLINE gc_ref gc_alloc_raw(struct gc_mutator *m, uint64_t length_bytes) {
  gc_ref raw = gc_alloc(m, GC_TYPE_RAW, sizeof(struct bare_raw) + length_bytes);
  ((struct bare_raw *)raw.bits)->length_bytes = length_bytes;
  return raw;
}
static GC_INLINE void gc_free(struct gc_mutator *m, gc_ref object) { (void)m, (void)object; }

/* ---- scalars and references ---- */

#define GC_DEREF(m, tag, ref) ((void)(m), (const struct tag *)(ref).bits)
#define GC_PUT(m, ref, tag, member, value) ((void)(m), ((struct tag *)(ref).bits)->member = (value))
#define GC_FIELD(m, ref, tag, member) ((void)(m), &((struct tag *)(ref).bits)->member)

static GC_INLINE uint64_t gc_array_length(struct gc_mutator *m, gc_ref array) {
  return GC_DEREF(m, bare_array, array)->length;
}
static GC_INLINE unsigned char *gc_raw_data(struct gc_mutator *m, gc_ref raw) {
  (void)m;
  return ((struct bare_raw *)raw.bits)->data;
}

/* Other threads may read and write the same fields: acquire and release, which cost nothing on x86. */
static GC_INLINE gc_ref gc_load(struct gc_mutator *m, gc_ref object, gc_field *field) {
  (void)m, (void)object;
  return (gc_ref){atomic_load_explicit(&field->bits, memory_order_acquire)}; /* pairs with gc_store */
}
static GC_INLINE void gc_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)m, (void)object;
  atomic_store_explicit(&field->bits, value.bits, memory_order_release); /* pairs with gc_load */
}
static GC_INLINE void gc_init_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)m, (void)object;
  atomic_store_explicit(&field->bits, value.bits, memory_order_relaxed); /* published by a later gc_store */
}
static GC_INLINE gc_ref gc_swap(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)m, (void)object;
  return (gc_ref){atomic_exchange_explicit(&field->bits, value.bits, memory_order_acq_rel)};
}
static GC_INLINE bool gc_cas(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref expected, gc_ref value) {
  (void)m, (void)object;
  return atomic_compare_exchange_strong_explicit(&field->bits, &expected.bits, value.bits, memory_order_acq_rel,
                                                 memory_order_acquire);
}

static GC_INLINE void gc_copy_fields(struct gc_mutator *m, gc_ref to, gc_field *to_field, gc_ref from,
                                     gc_field *from_field, size_t count) {
  (void)m, (void)to, (void)from;
  memmove(to_field, from_field, count * sizeof(gc_field));
}

#define GC_LOAD(m, ref, tag, member) gc_load((m), (ref), GC_FIELD(m, ref, tag, member))
#define GC_STORE(m, ref, tag, member, value) gc_store((m), (ref), GC_FIELD(m, ref, tag, member), (value))
#define GC_INIT(m, ref, tag, member, value) gc_init_store((m), (ref), GC_FIELD(m, ref, tag, member), (value))

static GC_INLINE gc_field *gc_array_slot(struct gc_mutator *m, gc_ref array, uint64_t index) {
  (void)m;
  return &((struct bare_array *)array.bits)->slot[index];
}
static GC_INLINE gc_ref gc_array_load(struct gc_mutator *m, gc_ref array, uint64_t index) {
  return gc_load(m, array, gc_array_slot(m, array, index));
}
static GC_INLINE void gc_array_store(struct gc_mutator *m, gc_ref array, uint64_t index, gc_ref value) {
  gc_store(m, array, gc_array_slot(m, array, index), value);
}

/* Globals are the heap's, header and all: there is one such object. */
gc_ref heap_globals(struct gc_heap *heap);
static GC_INLINE gc_field *bare_global(struct gc_mutator *m, unsigned index) {
  return &((struct gc_globals *)heap_globals(m->heap).bits)->slot[index];
}
static GC_INLINE gc_ref gc_global_load(struct gc_mutator *m, unsigned index) {
  return gc_load(m, GC_NULL, bare_global(m, index));
}
static GC_INLINE void gc_global_store(struct gc_mutator *m, unsigned index, gc_ref value) {
  gc_store(m, GC_NULL, bare_global(m, index), value);
}

/* ---- identity, pins, weak references ---- */

static GC_INLINE bool gc_same(struct gc_mutator *m, gc_ref a, gc_ref b) {
  (void)m;
  return a.bits == b.bits;
}
static GC_INLINE uint64_t gc_hash(struct gc_mutator *m, gc_ref object) {
  (void)m;
  return hash_of_address(object.bits);
}
static GC_INLINE void gc_pin(struct gc_mutator *m, gc_ref object) { (void)m, (void)object; }
static GC_INLINE void gc_unpin(struct gc_mutator *m, gc_ref object) { (void)m, (void)object; }

/* Nothing dies, so a weak reference is an ordinary one and its callback is never due. */
typedef void gc_weak_callback(struct gc_mutator *m, void *argument);
static GC_INLINE gc_ref gc_weak_new(struct gc_mutator *m, const gc_root *target, gc_weak_callback *callback,
                                    void *argument) {
  (void)callback, (void)argument;
  gc_ref weak = gc_alloc(m, GC_TYPE_WEAK, sizeof(struct bare_weak));
  gc_init_store(m, weak, &((struct bare_weak *)weak.bits)->target, (gc_ref){target->bits});
  return weak;
}
static GC_INLINE gc_ref gc_weak_get(struct gc_mutator *m, gc_ref weak) {
  return gc_load(m, weak, &((struct bare_weak *)weak.bits)->target);
}
static GC_INLINE size_t gc_deliver(struct gc_mutator *m) {
  (void)m;
  return 0;
}

#endif
