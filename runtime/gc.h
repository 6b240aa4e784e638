/* gc.h -- all that a workload may call.
 *
 * A workload is compiled once for each collector, with -DGC_PLAN_HEADER="collectors/<c>/plan.h"; the plan's
 * hooks are inlined here.  See workloads/binary_trees.c for a complete example.
 *
 * The rules (each is checked under `-c checked,of=<collector>`):
 *  - A gc_ref dies at the next gc_alloc*, gc_poll, gc_block, gc_unblock or gc_collect of its thread: root it first.
 *  - An allocating call is a statement of its own: C does not order the arguments of a call.
 *  - Only those five calls may stop the thread; loads, stores, sets and pops never do.
 *  - References are read and written by gc_load and gc_store, scalars by GC_DEREF and GC_PUT.
 *  - Loops that do not allocate call gc_poll; joins, sleeps and I/O are put between gc_block and gc_unblock. */
#ifndef GC_GC_H
#define GC_GC_H

#ifndef GC_PLAN_HEADER
#error "gc.h is compiled for one plan: pass -DGC_PLAN_HEADER and -DGC_PLAN (see gc_add_workload in CMakeLists.txt)"
#endif
#include GC_PLAN_HEADER

#ifdef PLAN_BARE
#include "runtime/gc_bare.h" /* the same names without any collector */
#else

#include "runtime/base/chaos.h"
#include "runtime/gc_checked.h"
#include "runtime/object/type.h"

/* ---- threads ---- */

/* Makes the calling thread a mutator of `heap`.  NULL if memory for it was refused. */
struct gc_mutator *gc_attach(struct gc_heap *heap);
/* The thread's frames must all be popped.  `m` is invalid afterwards. */
void gc_detach(struct gc_mutator *m);

/* A safepoint for loops that do not allocate: one load and a branch never taken. */
static GC_INLINE void gc_poll(struct gc_mutator *m) {
  TALLY(polls);
  checked_expire(m);
  mutator_step_poll();
  if (GC_UNLIKELY(mutator_poll_pending(m)))
    mutator_poll_slow(m);
}

/* Between these two the thread touches no object, and collections do not wait for it. */
static GC_INLINE void gc_block(struct gc_mutator *m) {
  checked_expire(m);
  mutator_block(m);
}
static GC_INLINE void gc_unblock(struct gc_mutator *m) {
  mutator_unblock(m);
  checked_expire(m);
}

/* Collects generation 0 (young), or everything (generation >= 1).  Returns the bytes that the cycle freed,
 * or -1 if this collector does not collect. */
int64_t gc_collect(struct gc_mutator *m, int generation);

/* ---- rooted locals ----
 *   GC_ROOTS(m, r, head, node);            declares and pushes a frame with the roots r.head and r.node, both null
 *   gc_set(m, &r.head, gc_alloc(m, …));
 *   gc_frame_pop(m, &r.frame);             in reverse order of pushing */
#define GC_ROOTS(m, name, ...)                                                                   \
  struct {                                                                                       \
    struct gc_frame frame;                                                                       \
    gc_root __VA_ARGS__;                                                                         \
  } name = {0};                                                                                  \
  gc_frame_push(m, &name.frame, (sizeof name - sizeof name.frame) / sizeof(gc_root))

/* `count` null roots follow `frame` directly. */
static GC_INLINE void gc_frame_push(struct gc_mutator *m, struct gc_frame *frame, size_t count) {
  TALLY(frames);
  frame->previous = m->frames;
  frame->count = count;
  m->frames = frame;
}

static GC_INLINE void gc_frame_pop(struct gc_mutator *m, struct gc_frame *frame) {
  checked_pop(m, frame);
  plan_pop(m, frame_roots(frame), frame->count);
  m->frames = frame->previous;
}

static GC_INLINE gc_ref gc_get(struct gc_mutator *m, const gc_root *root) {
  return checked_stamp(m, (gc_ref){root->bits});
}

static GC_INLINE void gc_set(struct gc_mutator *m, gc_root *root, gc_ref value) {
  TALLY(root_sets);
  plan_root_set(m, root, checked_use(m, value));
}

/* ---- allocation ---- */

/* A new object of a fixed type.  `type` and `bytes` are usually constants and fold away: GC_NEW(m, node). */
static GC_INLINE gc_ref gc_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  TALLY(allocs);
  TALLY_ADD(requested_bytes, bytes);
  TALLY_ADD(allocated_fields, type_field_count(&gc_types[type], bytes));
  TALLY_SIZE(align_up(bytes, GC_OBJECT_ALIGN_BYTES));
  checked_before_alloc(m, type, bytes);
  size_t object_bytes = align_up(bytes, GC_OBJECT_ALIGN_BYTES);
  return checked_newborn(m, plan_alloc(m, type, object_bytes), type, object_bytes);
}
/* The type id of struct tag is TYPE_tag, by convention an enumerator from GC_TYPE_FIRST on. */
#define GC_NEW(m, tag) gc_alloc((m), TYPE_##tag, sizeof(struct tag))
/* Bytes of an object of struct tag, header included. */
#define GC_SIZEOF(tag) sizeof(struct tag)

/* An array of `length` null references (struct gc_array). */
static GC_INLINE gc_ref gc_alloc_array(struct gc_mutator *m, uint64_t length) {
  gc_ref array = gc_alloc(m, GC_TYPE_ARRAY, sizeof(struct gc_array) + length * sizeof(gc_field));
  ((struct gc_array *)checked_strip(array).bits)->length = length;
  return array;
}

/* `length_bytes` zero bytes without references (struct gc_raw). */
static GC_INLINE gc_ref gc_alloc_raw(struct gc_mutator *m, uint64_t length_bytes) {
  gc_ref raw = gc_alloc(m, GC_TYPE_RAW, sizeof(struct gc_raw) + length_bytes);
  ((struct gc_raw *)checked_strip(raw).bits)->length_bytes = length_bytes;
  return raw;
}

/* Declares an object dead.  Live only under a collector whose deaths are known (`gclab list --matrix`). */
static GC_INLINE void gc_free(struct gc_mutator *m, gc_ref object) { plan_free(m, checked_use(m, object)); }

/* ---- scalars ---- */

/* const struct node *n = GC_DEREF(m, node, ref);   dies with ref */
#define GC_DEREF(m, tag, ref) ((const struct tag *)checked_deref((m), (ref), sizeof(struct tag)).bits)
/* GC_PUT(m, ref, node, key, 7): a plain store of a scalar member. */
#define GC_PUT(m, ref, tag, member, value)                                                       \
  (((struct tag *)checked_deref((m), (ref), sizeof(struct tag)).bits)->member = (value))

static GC_INLINE uint64_t gc_array_length(struct gc_mutator *m, gc_ref array) {
  return GC_DEREF(m, gc_array, array)->length;
}
/* The bytes of a raw array; the pointer dies with `raw`. */
static GC_INLINE unsigned char *gc_raw_data(struct gc_mutator *m, gc_ref raw) {
  return ((struct gc_raw *)checked_deref(m, raw, sizeof(struct gc_raw)).bits)->data;
}

/* ---- references in objects ---- */

/* The address of a reference member, for the functions below. */
#define GC_FIELD(m, ref, tag, member) (&((struct tag *)checked_deref((m), (ref), sizeof(struct tag)).bits)->member)

static GC_INLINE gc_ref gc_load(struct gc_mutator *m, gc_ref object, gc_field *field) {
  TALLY(loads);
  GC_STEP("load");
  gc_ref loaded = checked_stamp(m, plan_load(m, checked_field(m, object, field), field));
  GC_STEP("loaded"); /* nothing but this thread's register may refer to it now */
  return loaded;
}
static GC_INLINE void gc_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  TALLY(stores);
  GC_STEP("store");
  gc_ref plain = checked_use(m, value);
  checked_store(m, field, plain);
  plan_store(m, checked_field(m, object, field), field, plain);
}
/* For an object that its thread has just allocated, before that thread's next allocation or poll. */
static GC_INLINE void gc_init_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  TALLY(init_stores);
  checked_init(m, object);
  plan_init_store(m, checked_field(m, object, field), field, checked_use(m, value));
}
/* Atomic.  Returns what the field referred to. */
static GC_INLINE gc_ref gc_swap(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  TALLY(swaps);
  GC_STEP("swap");
  gc_ref plain = checked_use(m, value);
  checked_store(m, field, plain);
  return checked_stamp(m, plan_swap(m, checked_field(m, object, field), field, plain));
}
/* Atomic.  Stores `value` if the field refers to `expected`; returns whether it did. */
static GC_INLINE bool gc_cas(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref expected, gc_ref value) {
  TALLY(cas);
  GC_STEP("cas");
  gc_ref plain = checked_use(m, value);
  checked_store(m, field, plain);
  return plan_cas(m, checked_field(m, object, field), field, checked_use(m, expected), plain);
}
/* Copies `count` references as memmove would. */
static GC_INLINE void gc_copy_fields(struct gc_mutator *m, gc_ref to, gc_field *to_field, gc_ref from,
                                     gc_field *from_field, size_t count) {
  TALLY_ADD(copied_fields, count);
  checked_copy(m, to_field, from_field, count);
  if (count)
    plan_copy(m, checked_field(m, to, to_field), to_field, checked_field(m, from, from_field), from_field, count);
}

/* GC_LOAD(m, ref, node, left);  GC_STORE(m, ref, node, left, value);  GC_INIT(m, ref, node, left, value); */
#define GC_LOAD(m, ref, tag, member) gc_load((m), (ref), GC_FIELD(m, ref, tag, member))
#define GC_STORE(m, ref, tag, member, value) gc_store((m), (ref), GC_FIELD(m, ref, tag, member), (value))
#define GC_INIT(m, ref, tag, member, value) gc_init_store((m), (ref), GC_FIELD(m, ref, tag, member), (value))

static GC_INLINE gc_field *gc_array_slot(struct gc_mutator *m, gc_ref array, uint64_t index) {
  return &((struct gc_array *)checked_index(m, array, index).bits)->slot[index];
}
static GC_INLINE gc_ref gc_array_load(struct gc_mutator *m, gc_ref array, uint64_t index) {
  return gc_load(m, array, gc_array_slot(m, array, index));
}
static GC_INLINE void gc_array_store(struct gc_mutator *m, gc_ref array, uint64_t index, gc_ref value) {
  gc_store(m, array, gc_array_slot(m, array, index), value);
}

/* ---- globals: GC_GLOBALS_COUNT references that are always reachable, shared by all threads ---- */

static GC_INLINE gc_ref gc_globals(struct gc_mutator *m) { return checked_stamp(m, heap_globals(m->heap)); }
static GC_INLINE gc_ref gc_global_load(struct gc_mutator *m, unsigned index) {
  gc_ref globals = gc_globals(m);
  return gc_load(m, globals, *GC_FIELD(m, globals, gc_globals, slot) + index);
}
static GC_INLINE void gc_global_store(struct gc_mutator *m, unsigned index, gc_ref value) {
  gc_ref globals = gc_globals(m);
  gc_store(m, globals, *GC_FIELD(m, globals, gc_globals, slot) + index, value);
}

/* ---- identity ---- */

static GC_INLINE bool gc_same(struct gc_mutator *m, gc_ref a, gc_ref b) {
  return plan_same(m, checked_use(m, a), checked_use(m, b));
}
/* A hash that stays the same for the object's life, also when it moves; not unique. */
static GC_INLINE uint64_t gc_hash(struct gc_mutator *m, gc_ref object) {
  return object_identity_hash(checked_use(m, object), PLAN_MOVES);
}
/* While pinned, an object does not move.  Pins do not nest. */
static GC_INLINE void gc_pin(struct gc_mutator *m, gc_ref object) {
  object_set_flag(checked_use(m, object), GC_FLAG_PINNED);
}
static GC_INLINE void gc_unpin(struct gc_mutator *m, gc_ref object) {
  object_clear_flag(checked_use(m, object), GC_FLAG_PINNED);
}

/* ---- weak references, ephemerons, finalizers ---- */

/* Called by gc_deliver on the thread that called it, after the weak reference was cleared. */
typedef void gc_weak_callback(struct gc_mutator *m, void *argument);

/* Makes the newest object, of a type of kind GC_KIND_WEAK, a weak reference to the object in `target`, before the
 * thread's next allocation or poll.  `callback` may be NULL. */
static GC_INLINE void gc_weak_init(struct gc_mutator *m, gc_ref weak, const gc_root *target,
                                   gc_weak_callback *callback, void *argument) {
  gc_ref plain = checked_deref(m, weak, sizeof(struct gc_weak)), referent = (gc_ref){target->bits};
  checked_init(m, weak);
  field_set_bits(&((struct gc_weak *)plain.bits)->target, referent.bits); /* plain: see trace/weak.h */
  weak_register(m->heap, plain, referent, callback, argument);
}
/* A weak reference to the object in `target`. */
static GC_INLINE gc_ref gc_weak_new(struct gc_mutator *m, const gc_root *target, gc_weak_callback *callback,
                                    void *argument) {
  gc_ref weak = gc_alloc(m, GC_TYPE_WEAK, sizeof(struct gc_weak));
  gc_weak_init(m, weak, target, callback, argument);
  return weak;
}
/* A weak reference without callback to the object in `target`.  Under a collector that can name those that there are
 * (python, as CPython) it is the same one each time, as long as somebody holds it; under others each is new. */
static GC_INLINE gc_ref gc_weak_shared(struct gc_mutator *m, const gc_root *target) {
  gc_ref shared = weak_find_shared(m->heap, (gc_ref){target->bits});
  return gc_is_null(shared) ? gc_weak_new(m, target, NULL, NULL) : checked_stamp(m, shared);
}
/* The referent, or null once it died. */
static GC_INLINE gc_ref gc_weak_get(struct gc_mutator *m, gc_ref weak) {
  TALLY(weak_loads);
  gc_field *field = GC_FIELD(m, weak, gc_weak, target);
  GC_STEP("weak load");
  return checked_stamp(m, plan_weak_load(m, checked_use(m, weak), field));
}

/* An entry that keeps `value` alive as long as `key` is alive, and nothing longer.  A null key is dead from the start:
 * the value may be cleared at any time. */
static GC_INLINE gc_ref gc_ephemeron_new(struct gc_mutator *m, const gc_root *key, const gc_root *value) {
  gc_ref ephemeron = gc_alloc(m, GC_TYPE_EPHEMERON, sizeof(struct gc_ephemeron));
  gc_ref plain = checked_strip(ephemeron);
  struct gc_ephemeron *e = (struct gc_ephemeron *)plain.bits;
  field_set_bits(&e->key, key->bits); /* plain: see trace/weak.h */
  plan_init_store(m, plain, &e->value, (gc_ref){value->bits});
  ephemeron_register(m->heap, plain, (gc_ref){key->bits});
  if (key->bits)
    plan_becomes_key(m, (gc_ref){key->bits});
  return ephemeron;
}
static GC_INLINE gc_ref gc_ephemeron_key(struct gc_mutator *m, gc_ref ephemeron) {
  TALLY(weak_loads);
  gc_field *field = GC_FIELD(m, ephemeron, gc_ephemeron, key);
  return checked_stamp(m, plan_weak_load(m, checked_use(m, ephemeron), field));
}
static GC_INLINE gc_ref gc_ephemeron_value(struct gc_mutator *m, gc_ref ephemeron) {
  TALLY(weak_loads);
  gc_field *field = GC_FIELD(m, ephemeron, gc_ephemeron, value);
  return checked_stamp(m, plan_weak_load(m, checked_use(m, ephemeron), field));
}

/* When `object` becomes unreachable it is kept once more and put on the heap's queue. */
static GC_INLINE void gc_finalizer_attach(struct gc_mutator *m, gc_ref object) {
  finalizer_register(m->heap, checked_use(m, object));
}
/* The next object whose finalizer is due, or null.  It is an ordinary object again; weak references to it
 * were cleared before. */
static GC_INLINE gc_ref gc_finalizer_next(struct gc_mutator *m) {
  gc_ref object = finalizer_take(m->heap);
  if (!gc_is_null(object))
    plan_taken(m, object);
  return checked_stamp(m, object);
}
/* Runs the callbacks of weak references cleared since; returns how many. */
size_t gc_deliver(struct gc_mutator *m);

/* Adds to the bytes outside the heap that objects of this thread keep alive; may be negative.
 * They count for the decision to collect, not for the heap limit. */
void gc_external_bytes(struct gc_mutator *m, int64_t bytes);

#endif
#endif
