/* deque.c -- values pushed and popped at one end of an array, or of a list of blocks.
 *
 *   list   an array with spare room behind its values: at its left end each operation moves all of them
 *   deque  blocks of 64 slots, linked both ways: each operation touches one slot
 *
 * Both grow as CPython's do, a list by an eighth.  All values are pushed, then half of them popped at the same end. */
#include "runtime/os/clock.h"
#include "workloads/deep.h"
#include "workloads/lane.h"

enum { BLOCK_SLOTS = 64, CENTRE = BLOCK_SLOTS / 2 };

struct number {
  struct gc_header header;
  uint64_t value;
};

struct list {
  struct gc_header header;
  gc_field slots; /* array; null from `length` on */
  uint64_t length, thread;
};

struct segment {
  struct gc_header header;
  gc_field previous, next, slot[BLOCK_SLOTS];
};

/* Its values lie from slot `begin` of block `left` to before slot `end` of block `right`; other slots are null.  If it
 * is empty, it has one block, and begin == end == CENTRE. */
struct deque {
  struct gc_header header;
  gc_field left, right;
  uint64_t begin, end, length, thread;
};

enum { TYPE_number = GC_TYPE_FIRST, TYPE_list, TYPE_segment, TYPE_deque };
static const struct gc_type types[] = {GC_TYPE_LEAF(number), GC_TYPE(list, slots, 1),
                                       GC_TYPE(segment, previous, 2 + BLOCK_SLOTS), GC_TYPE(deque, left, 2)};

enum { P_VARIANT, P_END, P_ELEMENTS };
enum { LIST, DEQUE };
enum { LEFT, RIGHT };
static const char *const variants[] = {"list", "deque", NULL};
static const char *const ends[] = {"left", "right", NULL};
static const struct gc_option params[] = {
    {"variant", GC_OPTION_CHOICE, 0, 0, variants, "deque", "an array, or linked blocks"},
    {"end", GC_OPTION_CHOICE, 0, 0, ends, "left", "where values are pushed and popped"},
    {"elements", GC_OPTION_INT, 2, 1e9, .fallback = "50000", .help = "values, of each thread"},
    {0}};

enum { F_PUSH, F_POP, F_BYTES };
static const struct gc_figure figures[] = {{"push_cpu_ns", "on average, a value that is made for it included"},
                                           {"pop_cpu_ns", "on average"},
                                           {"element_bytes", "of all, divided by the values, when all are pushed"},
                                           {0}};

/* ---- the list ---- */

/* Room for `length` values and as many more as a list keeps that grows to it. */
static uint64_t room_for(uint64_t length) { return (length + length / 8 + 6) & ~(uint64_t)3; }

static gc_ref list_new(struct gc_mutator *m) { return GC_NEW(m, list); }

/* Makes room for one more, `at` slots behind the start. */
static void list_extend(struct gc_mutator *m, const gc_root *list, uint64_t at) {
  uint64_t length = GC_DEREF(m, list, gc_get(m, list))->length;
  gc_ref slots = GC_LOAD(m, gc_get(m, list), list, slots);
  if (gc_is_null(slots) || gc_array_length(m, slots) == length) {
    gc_ref wider = gc_alloc_array(m, room_for(length + 1));
    slots = GC_LOAD(m, gc_get(m, list), list, slots);
    if (length)
      gc_copy_fields(m, wider, gc_array_slot(m, wider, at), slots, gc_array_slot(m, slots, 0), length);
    GC_STORE(m, gc_get(m, list), list, slots, wider);
  } else if (at && length) {
    gc_copy_fields(m, slots, gc_array_slot(m, slots, at), slots, gc_array_slot(m, slots, 0), length);
  }
  GC_PUT(m, gc_get(m, list), list, length, length + 1);
}

static void list_push(struct gc_mutator *m, const gc_root *list, const gc_root *value, bool left) {
  list_extend(m, list, left ? 1 : 0);
  uint64_t length = GC_DEREF(m, list, gc_get(m, list))->length;
  gc_array_store(m, GC_LOAD(m, gc_get(m, list), list, slots), left ? 0 : length - 1, gc_get(m, value));
}

/* It is not empty. */
static gc_ref list_pop(struct gc_mutator *m, const gc_root *list, bool left) {
  uint64_t length = GC_DEREF(m, list, gc_get(m, list))->length;
  gc_ref slots = GC_LOAD(m, gc_get(m, list), list, slots);
  gc_ref value = gc_array_load(m, slots, left ? 0 : length - 1);
  if (left && length > 1)
    gc_copy_fields(m, slots, gc_array_slot(m, slots, 0), slots, gc_array_slot(m, slots, 1), length - 1);
  gc_array_store(m, slots, length - 1, GC_NULL);
  GC_PUT(m, gc_get(m, list), list, length, length - 1);
  return value;
}

/* ---- the deque ---- */

static gc_field *block_slot(struct gc_mutator *m, gc_ref block, uint64_t at) {
  return *GC_FIELD(m, block, segment, slot) + at;
}

static void deque_centre(struct gc_mutator *m, gc_ref deque) {
  GC_PUT(m, deque, deque, begin, CENTRE);
  GC_PUT(m, deque, deque, end, CENTRE);
}

static gc_ref deque_new(struct gc_mutator *m) {
  GC_ROOTS(m, r, block);
  gc_set(m, &r.block, GC_NEW(m, segment));
  gc_ref deque = GC_NEW(m, deque);
  GC_INIT(m, deque, deque, left, gc_get(m, &r.block));
  GC_INIT(m, deque, deque, right, gc_get(m, &r.block));
  deque_centre(m, deque);
  gc_frame_pop(m, &r.frame);
  return deque;
}

/* One more block at an end. */
static void deque_extend(struct gc_mutator *m, const gc_root *root, bool left) {
  gc_ref block = GC_NEW(m, segment), deque = gc_get(m, root);
  if (left) {
    gc_ref first = GC_LOAD(m, deque, deque, left);
    GC_INIT(m, block, segment, next, first);
    GC_STORE(m, first, segment, previous, block);
    GC_STORE(m, deque, deque, left, block);
    GC_PUT(m, deque, deque, begin, BLOCK_SLOTS);
  } else {
    gc_ref last = GC_LOAD(m, deque, deque, right);
    GC_INIT(m, block, segment, previous, last);
    GC_STORE(m, last, segment, next, block);
    GC_STORE(m, deque, deque, right, block);
    GC_PUT(m, deque, deque, end, 0);
  }
}

static void deque_push(struct gc_mutator *m, const gc_root *root, const gc_root *value, bool left) {
  const struct deque *before = GC_DEREF(m, deque, gc_get(m, root));
  if (left ? before->begin == 0 : before->end == BLOCK_SLOTS)
    deque_extend(m, root, left);
  gc_ref deque = gc_get(m, root);
  const struct deque *d = GC_DEREF(m, deque, deque);
  gc_ref block = left ? GC_LOAD(m, deque, deque, left) : GC_LOAD(m, deque, deque, right);
  gc_store(m, block, block_slot(m, block, left ? d->begin - 1 : d->end), gc_get(m, value));
  if (left)
    GC_PUT(m, deque, deque, begin, d->begin - 1);
  else
    GC_PUT(m, deque, deque, end, d->end + 1);
  GC_PUT(m, deque, deque, length, d->length + 1);
}

/* Lets the empty block at an end go. */
static void deque_shrink(struct gc_mutator *m, gc_ref deque, bool left) {
  if (left) {
    gc_ref first = GC_LOAD(m, GC_LOAD(m, deque, deque, left), segment, next);
    GC_STORE(m, first, segment, previous, GC_NULL);
    GC_STORE(m, deque, deque, left, first);
    GC_PUT(m, deque, deque, begin, 0);
  } else {
    gc_ref last = GC_LOAD(m, GC_LOAD(m, deque, deque, right), segment, previous);
    GC_STORE(m, last, segment, next, GC_NULL);
    GC_STORE(m, deque, deque, right, last);
    GC_PUT(m, deque, deque, end, BLOCK_SLOTS);
  }
}

/* It is not empty. */
static gc_ref deque_pop(struct gc_mutator *m, const gc_root *root, bool left) {
  gc_ref deque = gc_get(m, root);
  const struct deque *d = GC_DEREF(m, deque, deque);
  gc_ref block = left ? GC_LOAD(m, deque, deque, left) : GC_LOAD(m, deque, deque, right);
  gc_ref value = gc_swap(m, block, block_slot(m, block, left ? d->begin : d->end - 1), GC_NULL);
  if (left)
    GC_PUT(m, deque, deque, begin, d->begin + 1);
  else
    GC_PUT(m, deque, deque, end, d->end - 1);
  GC_PUT(m, deque, deque, length, d->length - 1);
  if (d->length == 0)
    deque_centre(m, deque);
  else if (left ? d->begin == BLOCK_SLOTS : d->end == 0)
    deque_shrink(m, deque, left);
  return value;
}

/* ---- the work ---- */

static bool is_list(const struct gc_work *work) { return work_int(work, P_VARIANT) == LIST; }
static bool at_left(const struct gc_work *work) { return work_int(work, P_END) == LEFT; }

static uint64_t value_of(const struct gc_work *work, unsigned thread, uint64_t index) {
  return thread * (uint64_t)work_int(work, P_ELEMENTS) + index + 1;
}

static gc_ref number_new(struct gc_mutator *m, uint64_t value) {
  gc_ref number = GC_NEW(m, number);
  GC_PUT(m, number, number, value, value);
  return number;
}

static void push_all(struct gc_mutator *m, const struct gc_work *work, const gc_root *values) {
  GC_ROOTS(m, r, number);
  for (uint64_t i = 0; i < (uint64_t)work_int(work, P_ELEMENTS); i++) {
    gc_poll(m);
    gc_set(m, &r.number, number_new(m, value_of(work, work->thread, i)));
    if (is_list(work))
      list_push(m, values, &r.number, at_left(work));
    else
      deque_push(m, values, &r.number, at_left(work));
  }
  gc_frame_pop(m, &r.frame);
}

static uint64_t pop_half(struct gc_mutator *m, const struct gc_work *work, const gc_root *values) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < (uint64_t)work_int(work, P_ELEMENTS) / 2; i++) {
    gc_poll(m);
    gc_ref number = is_list(work) ? list_pop(m, values, at_left(work)) : deque_pop(m, values, at_left(work));
    sum += GC_DEREF(m, number, number)->value;
  }
  return sum;
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  double elements = work_real(work, P_ELEMENTS);
  GC_ROOTS(m, r, values);
  gc_set(m, &r.values, is_list(work) ? list_new(m) : deque_new(m));
  if (is_list(work))
    GC_PUT(m, gc_get(m, &r.values), list, thread, work->thread);
  else
    GC_PUT(m, gc_get(m, &r.values), deque, thread, work->thread);
  uint64_t begin_ns = clock_thread_cpu_ns();
  push_all(m, work, &r.values);
  work_set_figure(work, F_PUSH, (double)(clock_thread_cpu_ns() - begin_ns) / elements);
  work_set_figure(work, F_BYTES, deep_bytes(m, &r.values) / elements);
  begin_ns = clock_thread_cpu_ns();
  uint64_t sum = pop_half(m, work, &r.values);
  work_set_figure(work, F_POP, (double)(clock_thread_cpu_ns() - begin_ns) / (elements / 2));
  lane_store(m, work, gc_get(m, &r.values));
  gc_frame_pop(m, &r.frame);
  work_add_ops(work, (uint64_t)(elements + elements / 2));
  return sum;
}

/* ---- checking: each value is where it was pushed, and nothing is anywhere else ---- */

/* From the left, value number `position` of those that are left. */
static void value_check(struct gc_mutator *m, const struct gc_work *work, gc_ref number, unsigned thread,
                        uint64_t position) {
  uint64_t elements = (uint64_t)work_int(work, P_ELEMENTS), left = elements - elements / 2;
  uint64_t index = at_left(work) ? left - 1 - position : position;
  if (gc_is_null(number) || GC_DEREF(m, number, number)->value != value_of(work, thread, index))
    work_fail(work, "value %llu of thread %u is not where it was pushed", (unsigned long long)index, thread);
}

static void list_check(struct gc_mutator *m, const struct gc_work *work, gc_ref list, unsigned thread, uint64_t left) {
  uint64_t room = 0;
  while (room < (uint64_t)work_int(work, P_ELEMENTS))
    room = room_for(room + 1);
  if (GC_DEREF(m, list, list)->length != left || GC_DEREF(m, list, list)->thread != thread)
    work_fail(work, "the list of thread %u has changed", thread);
  gc_ref slots = GC_LOAD(m, list, list, slots);
  array_check(m, work, slots, room);
  for (uint64_t i = 0; i < left; i++)
    value_check(m, work, gc_array_load(m, slots, i), thread, i);
  for (uint64_t i = left; i < room; i++)
    if (!gc_is_null(gc_array_load(m, slots, i)))
      work_fail(work, "slot %llu behind the list of thread %u is not null", (unsigned long long)i, thread);
}

static void deque_check(struct gc_mutator *m, const struct gc_work *work, gc_ref deque, unsigned thread,
                        uint64_t left) {
  const struct deque *d = GC_DEREF(m, deque, deque);
  gc_ref before = GC_NULL, block = GC_LOAD(m, deque, deque, left);
  uint64_t position = 0;
  if (d->length != left || d->thread != thread)
    work_fail(work, "the deque of thread %u has changed", thread);
  for (uint64_t begin = d->begin; !gc_is_null(block); begin = 0) {
    bool last = gc_is_null(GC_LOAD(m, block, segment, next));
    uint64_t end = last ? d->end : BLOCK_SLOTS;
    if (!gc_same(m, GC_LOAD(m, block, segment, previous), before))
      work_fail(work, "a block of thread %u has another one before it", thread);
    for (uint64_t at = 0; at < BLOCK_SLOTS; at++) {
      gc_ref value = gc_load(m, block, block_slot(m, block, at));
      if (at >= begin && at < end)
        value_check(m, work, value, thread, position++);
      else if (!gc_is_null(value))
        work_fail(work, "a slot beside the values of thread %u is not null", thread);
    }
    before = block;
    block = GC_LOAD(m, block, segment, next);
  }
  if (position != left || !gc_same(m, GC_LOAD(m, deque, deque, right), before))
    work_fail(work, "the deque of thread %u ends elsewhere", thread);
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t elements = (uint64_t)work_int(work, P_ELEMENTS);
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_ref values = lane_check(m, work, thread);
    if (is_list(work))
      list_check(m, work, values, thread, elements - elements / 2);
    else
      deque_check(m, work, values, thread, elements - elements / 2);
  }
  return elements;
}

GC_WORKLOAD(.name = "deque", .summary = "values pushed and popped at one end of an array, or of linked blocks",
            .stresses = "At the left end of an array every operation copies a range of references: the price of a copy "
                        "under the collector's barrier.",
            .operation = "pushes and pops", .source = "gclab's own; blocks and growth as in CPython 3.11",
            .sharing = GC_WORK_COPIES, .needs = {.cycles = true}, .types = types, .type_count = 4, .params = params,
            .figures = figures, .small = "elements=4000", .prepare = prepare, .run = run, .check = check);
