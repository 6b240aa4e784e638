/* layout.c -- the same data in layouts that Python programs choose between, and what each takes.
 *
 *   boxed       an array of references to numbers that are objects             [1.5, 2.5]
 *   unboxed     an array of the numbers themselves                             array.array('d', [1.5, 2.5])
 *   slots       objects with fixed fields                                      __slots__ = ('x', 'y')
 *   dictionary  objects that each have a dictionary, whose keys they share     p.__dict__
 *
 * Objects hold what CPython's do: a number its class and, if it is an int, its length; an instance its class; a
 * dictionary its keys and values apart (PEP 412).  Only the header is gclab's: 8 bytes for the count and the type, in
 * the place of the count.  An attribute is found by hashing its name, as often as there are instances. */
#include "runtime/gc_usage.h"
#include "workloads/lane.h"
#include "workloads/seen.h"

struct int_number {
  struct gc_header header;
  uint64_t class, length;
  int64_t value;
};

struct float_number {
  struct gc_header header;
  uint64_t class;
  double value;
};

struct class {
  struct gc_header header;
  gc_field keys; /* raw, struct keys */
  uint64_t thread;
};

struct slots0 {
  struct gc_header header;
  gc_field class;
};
struct slots2 {
  struct gc_header header;
  gc_field class, field[2];
};
struct slots10 {
  struct gc_header header;
  gc_field class, field[10];
};

struct instance {
  struct gc_header header;
  gc_field class, dictionary;
};
struct dictionary {
  struct gc_header header;
  gc_field keys, values;
  uint64_t used;
};

/* What a thread built. */
struct data {
  struct gc_header header;
  gc_field elements; /* array, or raw if unboxed */
  gc_field numbers;  /* array: what fields refer to */
  gc_field class;
  uint64_t thread;
};

enum {
  TYPE_int_number = GC_TYPE_FIRST,
  TYPE_float_number,
  TYPE_class,
  TYPE_slots0,
  TYPE_slots2,
  TYPE_slots10,
  TYPE_instance,
  TYPE_dictionary,
  TYPE_values,
  TYPE_data,
  TYPES_END
};
static const struct gc_type types[] = {
    GC_TYPE_LEAF(int_number),   GC_TYPE_LEAF(float_number),
    GC_TYPE(class, keys, 1),    GC_TYPE(slots0, class, 1),
    GC_TYPE(slots2, class, 3),  GC_TYPE(slots10, class, 11),
    GC_TYPE(instance, class, 2), GC_TYPE(dictionary, keys, 2),
    {.name = "values", .kind = GC_KIND_REF_ARRAY, .nature = GC_NATURE_PART},
    GC_TYPE(data, elements, 3)};

enum { P_VARIANT, P_NUMBERS, P_FIELDS, P_ELEMENTS };
enum { BOXED, UNBOXED, SLOTS, DICTIONARY };
enum { INT, FLOAT };
static const char *const variants[] = {"boxed", "unboxed", "slots", "dictionary", NULL};
static const char *const kinds[] = {"int", "float", NULL};
static const char *const field_counts[] = {"0", "2", "10", NULL};
static const struct gc_option params[] = {
    {"variant", GC_OPTION_CHOICE, 0, 0, variants, "boxed", "the layout"},
    {"numbers", GC_OPTION_CHOICE, 0, 0, kinds, "int", "boxed and unboxed: of 32 bits, or doubles"},
    {"fields", GC_OPTION_CHOICE, 0, 0, field_counts, "2", "slots and dictionary: of each instance"},
    {"elements", GC_OPTION_INT, 1, 1e9, .fallback = "100000", .help = "numbers or instances, of each thread"},
    {0}};

enum { F_BYTES };
static const struct gc_figure figures[] = {
    {"element_bytes", "allocated for each number or instance, its place in an array of them included"}, {0}};

enum { NUMBERS = 64, FIELDS_MAX = 10, KEY_SLOTS = 16, CLASS_INT = 0x494e54, CLASS_FLOAT = 0x464c54 };

/* Attribute f has index f + 1 in the slot of its name's hash, or in the next free one. */
struct keys {
  uint8_t index[KEY_SLOTS]; /* 0: free */
  uint64_t name[FIELDS_MAX];
  uint64_t thread;
};

static unsigned fields_of(const struct gc_work *work) {
  static const unsigned counts[] = {0, 2, 10};
  return counts[work_int(work, P_FIELDS)];
}

static uint64_t name_of(unsigned field) { return rng_mix(field, 0x6e616d65); }
static int32_t int_of(unsigned thread, uint64_t index) { return (int32_t)(rng_mix(thread, index) & INT32_MAX); }
static double float_of(unsigned thread, uint64_t index) { return (double)int_of(thread, index) + 0.5; }
/* Of the thread's numbers, the one that a field refers to. */
static uint64_t number_of(uint64_t index, unsigned field) { return (index + 7 * field) % NUMBERS; }

/* ---- numbers ---- */

static gc_ref int_new(struct gc_mutator *m, unsigned thread, uint64_t index) {
  gc_ref number = GC_NEW(m, int_number);
  GC_PUT(m, number, int_number, class, CLASS_INT);
  GC_PUT(m, number, int_number, length, 1);
  GC_PUT(m, number, int_number, value, int_of(thread, index));
  return number;
}

static gc_ref float_new(struct gc_mutator *m, unsigned thread, uint64_t index) {
  gc_ref number = GC_NEW(m, float_number);
  GC_PUT(m, number, float_number, class, CLASS_FLOAT);
  GC_PUT(m, number, float_number, value, float_of(thread, index));
  return number;
}

static void int_check(struct gc_mutator *m, const struct gc_work *work, gc_ref number, unsigned thread,
                      uint64_t index) {
  const struct int_number *n = gc_is_null(number) ? NULL : GC_DEREF(m, int_number, number);
  if (!n || n->class != CLASS_INT || n->length != 1 || n->value != int_of(thread, index))
    work_fail(work, "int %llu of thread %u is another one", (unsigned long long)index, thread);
}

static void float_check(struct gc_mutator *m, const struct gc_work *work, gc_ref number, unsigned thread,
                        uint64_t index) {
  const struct float_number *n = gc_is_null(number) ? NULL : GC_DEREF(m, float_number, number);
  if (!n || n->class != CLASS_FLOAT || n->value != float_of(thread, index))
    work_fail(work, "float %llu of thread %u is another one", (unsigned long long)index, thread);
}

/* The number at `at` of an unboxed array. */
static void unboxed_put(unsigned char *data, int64_t kind, unsigned thread, uint64_t at) {
  if (kind == INT)
    ((int32_t *)data)[at] = int_of(thread, at);
  else
    ((double *)data)[at] = float_of(thread, at);
}

static bool unboxed_is(const unsigned char *data, int64_t kind, unsigned thread, uint64_t at) {
  return kind == INT ? ((const int32_t *)data)[at] == int_of(thread, at)
                     : ((const double *)data)[at] == float_of(thread, at);
}

static uint64_t unboxed_bytes(const struct gc_work *work) {
  return (uint64_t)work_int(work, P_ELEMENTS) * (work_int(work, P_NUMBERS) == INT ? sizeof(int32_t) : sizeof(double));
}

/* ---- instances ---- */

static gc_ref keys_new(struct gc_mutator *m, unsigned thread, unsigned fields) {
  gc_ref raw = gc_alloc_raw(m, sizeof(struct keys));
  struct keys *keys = (struct keys *)gc_raw_data(m, raw);
  keys->thread = thread;
  for (unsigned field = 0; field < fields; field++) {
    unsigned at = name_of(field) % KEY_SLOTS;
    while (keys->index[at])
      at = (at + 1) % KEY_SLOTS;
    keys->index[at] = (uint8_t)(field + 1);
    keys->name[field] = name_of(field);
  }
  return raw;
}

/* The attribute's number; FIELDS_MAX: there is none. */
static unsigned keys_find(struct gc_mutator *m, gc_ref raw, uint64_t name) {
  const struct keys *keys = (const struct keys *)gc_raw_data(m, raw);
  for (unsigned i = 0, at = name % KEY_SLOTS; i < KEY_SLOTS; i++, at = (at + 1) % KEY_SLOTS) {
    unsigned index = keys->index[at];
    if (index == 0 || index > FIELDS_MAX)
      break;
    if (keys->name[index - 1] == name)
      return index - 1;
  }
  return FIELDS_MAX;
}

static void keys_check(struct gc_mutator *m, const struct gc_work *work, unsigned thread, gc_ref raw) {
  if (gc_is_null(raw) || GC_DEREF(m, gc_raw, raw)->length_bytes != sizeof(struct keys))
    work_fail(work, "the keys are gone");
  const struct keys *keys = (const struct keys *)gc_raw_data(m, raw);
  unsigned known = 0;
  for (unsigned at = 0; at < KEY_SLOTS; at++)
    known += keys->index[at] != 0;
  for (unsigned field = 0; field < FIELDS_MAX; field++)
    if (keys->name[field] != (field < fields_of(work) ? name_of(field) : 0) ||
        (field < fields_of(work) && keys_find(m, raw, name_of(field)) != field))
      work_fail(work, "attribute %u has lost its key", field);
  if (known != fields_of(work) || keys->thread != thread)
    work_fail(work, "the keys of thread %u have changed", thread);
}

/* Its fields; `slots` has that many. */
static gc_field *slots_field(struct gc_mutator *m, gc_ref slots, unsigned fields) {
  return fields == 2 ? *GC_FIELD(m, slots, slots2, field) : *GC_FIELD(m, slots, slots10, field);
}

static gc_ref slots_new(struct gc_mutator *m, unsigned fields, const gc_root *class, const gc_root *numbers,
                        uint64_t index) {
  gc_ref slots = fields == 0 ? GC_NEW(m, slots0) : fields == 2 ? GC_NEW(m, slots2) : GC_NEW(m, slots10);
  GC_INIT(m, slots, slots0, class, gc_get(m, class));
  for (unsigned field = 0; field < fields; field++)
    gc_init_store(m, slots, slots_field(m, slots, fields) + field,
                  gc_array_load(m, gc_get(m, numbers), number_of(index, field)));
  return slots;
}

static gc_ref instance_new(struct gc_mutator *m, unsigned fields, const gc_root *class, const gc_root *numbers,
                           uint64_t index) {
  GC_ROOTS(m, r, values, dictionary);
  gc_set(m, &r.values, gc_alloc(m, TYPE_values, sizeof(struct gc_array) + fields * sizeof(gc_field)));
  GC_PUT(m, gc_get(m, &r.values), gc_array, length, fields);
  gc_ref dictionary = GC_NEW(m, dictionary);
  GC_INIT(m, dictionary, dictionary, keys, GC_LOAD(m, gc_get(m, class), class, keys));
  GC_INIT(m, dictionary, dictionary, values, gc_get(m, &r.values));
  gc_set(m, &r.dictionary, dictionary);
  for (unsigned field = 0; field < fields; field++) {
    unsigned at = keys_find(m, GC_LOAD(m, gc_get(m, &r.dictionary), dictionary, keys), name_of(field));
    gc_ref number = gc_array_load(m, gc_get(m, numbers), number_of(index, field));
    gc_array_store(m, gc_get(m, &r.values), at, number);
  }
  GC_PUT(m, gc_get(m, &r.dictionary), dictionary, used, fields);
  gc_ref instance = GC_NEW(m, instance);
  GC_INIT(m, instance, instance, class, gc_get(m, class));
  GC_INIT(m, instance, instance, dictionary, gc_get(m, &r.dictionary));
  gc_frame_pop(m, &r.frame);
  return instance;
}

static void instance_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref instance,
                           gc_ref class, gc_ref numbers, uint64_t index) {
  bool in_slots = work_int(work, P_VARIANT) == SLOTS;
  unsigned fields = fields_of(work);
  gc_ref values = GC_NULL, keys = GC_LOAD(m, class, class, keys);
  seen_object(m, work, seen, instance);
  if (!gc_same(m, GC_LOAD(m, instance, slots0, class), class))
    work_fail(work, "instance %llu has lost its class", (unsigned long long)index);
  if (!in_slots) {
    gc_ref dictionary = GC_LOAD(m, instance, instance, dictionary);
    seen_object(m, work, seen, dictionary);
    if (GC_DEREF(m, dictionary, dictionary)->used != fields ||
        !gc_same(m, GC_LOAD(m, dictionary, dictionary, keys), keys))
      work_fail(work, "instance %llu has another dictionary", (unsigned long long)index);
    values = GC_LOAD(m, dictionary, dictionary, values);
    seen_object(m, work, seen, values);
    array_check(m, work, values, fields);
  }
  for (unsigned field = 0; field < fields; field++) {
    gc_ref expected = gc_array_load(m, numbers, number_of(index, field));
    gc_ref found = in_slots ? gc_load(m, instance, slots_field(m, instance, fields) + field)
                            : gc_array_load(m, values, keys_find(m, keys, name_of(field)));
    if (!gc_same(m, found, expected))
      work_fail(work, "field %u of instance %llu has changed", field, (unsigned long long)index);
  }
}

/* ---- all of them ---- */

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static gc_ref element_new(struct gc_mutator *m, const struct gc_work *work, const gc_root *class,
                          const gc_root *numbers, uint64_t index) {
  switch (work_int(work, P_VARIANT)) {
  case SLOTS: return slots_new(m, fields_of(work), class, numbers, index);
  case DICTIONARY: return instance_new(m, fields_of(work), class, numbers, index);
  default:
    return work_int(work, P_NUMBERS) == INT ? int_new(m, work->thread, index) : float_new(m, work->thread, index);
  }
}

static gc_ref elements_new(struct gc_mutator *m, const struct gc_work *work, const gc_root *class,
                           const gc_root *numbers) {
  uint64_t count = (uint64_t)work_int(work, P_ELEMENTS);
  GC_ROOTS(m, r, elements);
  bool unboxed = work_int(work, P_VARIANT) == UNBOXED;
  gc_set(m, &r.elements, unboxed ? gc_alloc_raw(m, unboxed_bytes(work)) : gc_alloc_array(m, count));
  for (uint64_t i = 0; i < count; i++) {
    gc_poll(m);
    if (unboxed) {
      unboxed_put(gc_raw_data(m, gc_get(m, &r.elements)), work_int(work, P_NUMBERS), work->thread, i);
    } else {
      gc_ref element = element_new(m, work, class, numbers, i);
      gc_array_store(m, gc_get(m, &r.elements), i, element);
    }
  }
  gc_ref elements = gc_get(m, &r.elements);
  gc_frame_pop(m, &r.frame);
  return elements;
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  GC_ROOTS(m, r, elements, numbers, class, keys);
  gc_set(m, &r.numbers, gc_alloc_array(m, NUMBERS));
  for (uint64_t i = 0; i < NUMBERS; i++) {
    gc_ref number = float_new(m, work->thread, i);
    gc_array_store(m, gc_get(m, &r.numbers), i, number);
  }
  gc_set(m, &r.keys, keys_new(m, work->thread, fields_of(work)));
  gc_ref class = GC_NEW(m, class);
  GC_INIT(m, class, class, keys, gc_get(m, &r.keys));
  GC_PUT(m, class, class, thread, work->thread);
  gc_set(m, &r.class, class);
  double before_bytes = gc_allocated_bytes(m);
  gc_set(m, &r.elements, elements_new(m, work, &r.class, &r.numbers));
  work_set_figure(work, F_BYTES, (gc_allocated_bytes(m) - before_bytes) / work_real(work, P_ELEMENTS));
  gc_ref data = GC_NEW(m, data);
  GC_INIT(m, data, data, elements, gc_get(m, &r.elements));
  GC_INIT(m, data, data, numbers, gc_get(m, &r.numbers));
  GC_INIT(m, data, data, class, gc_get(m, &r.class));
  GC_PUT(m, data, data, thread, work->thread);
  lane_store(m, work, data);
  gc_frame_pop(m, &r.frame);
  return (uint64_t)work_int(work, P_ELEMENTS);
}

/* ---- checking ---- */

/* Instances differ in nothing but where they are: each must be another one. */
static void instances_check(struct gc_mutator *m, const struct gc_work *work, gc_ref elements, gc_ref class,
                            gc_ref numbers) {
  uint64_t count = (uint64_t)work_int(work, P_ELEMENTS);
  struct seen seen = seen_create(work, count * (work_int(work, P_VARIANT) == SLOTS ? 1 : 3));
  for (uint64_t i = 0; i < count; i++)
    instance_check(m, work, &seen, gc_array_load(m, elements, i), class, numbers, i);
  seen_check_full(work, &seen);
  seen_destroy(&seen);
}

static void boxed_check(struct gc_mutator *m, const struct gc_work *work, unsigned thread, const gc_root *elements) {
  for (uint64_t i = 0; i < (uint64_t)work_int(work, P_ELEMENTS); i++) {
    gc_poll(m);
    gc_ref number = gc_array_load(m, gc_get(m, elements), i);
    if (work_int(work, P_NUMBERS) == INT)
      int_check(m, work, number, thread, i);
    else
      float_check(m, work, number, thread, i);
  }
}

static void unboxed_check(struct gc_mutator *m, const struct gc_work *work, unsigned thread, gc_ref elements) {
  if (gc_is_null(elements) || GC_DEREF(m, gc_raw, elements)->length_bytes != unboxed_bytes(work))
    work_fail(work, "the numbers of thread %u are gone", thread);
  const unsigned char *data = gc_raw_data(m, elements);
  for (uint64_t i = 0; i < (uint64_t)work_int(work, P_ELEMENTS); i++)
    if (!unboxed_is(data, work_int(work, P_NUMBERS), thread, i))
      work_fail(work, "number %llu of thread %u has changed", (unsigned long long)i, thread);
}

static void elements_check(struct gc_mutator *m, const struct gc_work *work, unsigned thread, const gc_root *elements,
                           const gc_root *class, const gc_root *numbers) {
  int64_t variant = work_int(work, P_VARIANT);
  if (variant != UNBOXED)
    array_check(m, work, gc_get(m, elements), (uint64_t)work_int(work, P_ELEMENTS));
  if (variant == UNBOXED)
    unboxed_check(m, work, thread, gc_get(m, elements));
  else if (variant == BOXED)
    boxed_check(m, work, thread, elements);
  else
    instances_check(m, work, gc_get(m, elements), gc_get(m, class), gc_get(m, numbers));
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  GC_ROOTS(m, r, elements, numbers, class);
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_ref data = lane_check(m, work, thread);
    if (GC_DEREF(m, data, data)->thread != thread)
      work_fail(work, "the data of thread %u has changed", thread);
    gc_set(m, &r.elements, GC_LOAD(m, data, data, elements));
    gc_set(m, &r.numbers, GC_LOAD(m, data, data, numbers));
    gc_set(m, &r.class, GC_LOAD(m, data, data, class));
    array_check(m, work, gc_get(m, &r.numbers), NUMBERS);
    for (uint64_t i = 0; i < NUMBERS; i++)
      float_check(m, work, gc_array_load(m, gc_get(m, &r.numbers), i), thread, i);
    gc_ref class = gc_get(m, &r.class);
    if (gc_is_null(class) || GC_DEREF(m, class, class)->thread != thread)
      work_fail(work, "the class of thread %u is another one", thread);
    keys_check(m, work, thread, GC_LOAD(m, class, class, keys));
    elements_check(m, work, thread, &r.elements, &r.class, &r.numbers);
  }
  gc_frame_pop(m, &r.frame);
  return 1;
}

GC_WORKLOAD(.name = "layout", .summary = "the same data boxed or not, in slots or in dictionaries",
            .stresses = "What a layout costs: a reference, an object and its header for each number, or none; one "
                        "object for each instance, or three.",
            .source = "gclab's own; sizes of objects as in CPython 3.11", .sharing = GC_WORK_COPIES, .types = types,
            .type_count = TYPES_END - GC_TYPE_FIRST, .params = params, .figures = figures,
            .small = "variant=dictionary,elements=3000", .prepare = prepare, .run = run, .check = check);
