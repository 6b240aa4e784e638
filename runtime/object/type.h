/* type.h -- type descriptors: how large an object is and where its references are.
 *
 * A workload declares its types in a table; the index in that table plus GC_TYPE_FIRST is the type id,
 * a compile-time constant.  Ids below GC_TYPE_FIRST are the runtime's.  Tables are registered with
 * the heap before the first mutator attaches and never change, so reading them needs no order. */
#ifndef GC_OBJECT_TYPE_H
#define GC_OBJECT_TYPE_H

#include "runtime/object/object.h"

enum gc_kind {
  GC_KIND_FIXED,     /* a struct: size_bytes, references at fixed offsets */
  GC_KIND_REF_ARRAY, /* struct gc_array: length references, marked in slices */
  GC_KIND_RAW_ARRAY, /* struct gc_raw: length bytes without references */
  GC_KIND_WEAK,      /* starts with struct gc_weak, whose target does not keep anything alive; may go on with strong
                        references and scalars of the program's own */
  GC_KIND_EPHEMERON, /* struct gc_ephemeron: its value lives as long as its key does */
};

/* What a collector that keeps lists of the objects which may be in cycles (python) makes of instances of a type. */
enum gc_nature {
  GC_NATURE_PLAIN,     /* listed */
  GC_NATURE_PART,      /* belongs to the one object that refers to it, and is listed and counted with that one only */
  GC_NATURE_TABLE,     /* listed from when it is told that it refers to a listed object (gc_control.h) */
  GC_NATURE_IMMUTABLE, /* its references never change once it is whole: listed while one of them is to a listed object,
                          and never taken apart to break a cycle */
};

enum {
  GC_TYPE_NONE = 0, /* never a live object */
  GC_TYPE_GLOBALS,
  GC_TYPE_ARRAY,
  GC_TYPE_RAW,
  GC_TYPE_WEAK,
  GC_TYPE_EPHEMERON,
  GC_TYPE_WEAK_ENTRY,
  GC_TYPE_FIRST = 16,
  GC_TYPE_LIMIT = 1024,  /* one past the largest id that a heap registers; */
  GC_TYPE_TABLE = 65536, /* of the ids from there on a profile makes copies of types, one for each site (tools/) */
};

struct gc_type {
  const char *name;
  uint32_t size_bytes;  /* fixed types: header included, rounded up to 8; arrays: ignored */
  uint16_t refs_offset; /* bytes from the object's start to its first reference */
  uint16_t refs_count;  /* references that follow one another from there */
  const uint16_t *more_refs; /* byte offsets of further references, ended by 0; NULL if there are none */
  enum gc_kind kind;
  enum gc_nature nature;
  bool acyclic;     /* instances can never be part of a cycle (Bacon and Rajan's green) */
};

/* GC_TYPE(node, left, 2): struct node whose 2 references start at member left. */
#define GC_TYPE(tag, first_reference, count)                                                     \
  { .name = #tag, .size_bytes = sizeof(struct tag),                                              \
    .refs_offset = offsetof(struct tag, first_reference), .refs_count = (count) }
/* A struct without references. */
#define GC_TYPE_LEAF(tag) { .name = #tag, .size_bytes = sizeof(struct tag), .acyclic = true }

struct gc_array {
  struct gc_header header;
  uint64_t length; /* references */
  gc_field slot[];
};

struct gc_raw {
  struct gc_header header;
  uint64_t length_bytes;
  unsigned char data[];
};

struct gc_weak {
  struct gc_header header;
  gc_field target; /* null once the target died */
};

struct gc_ephemeron {
  struct gc_header header;
  gc_field key, value; /* both null once the key died */
};

/* What stands for an ephemeron in a table of weak keys (gc_weak_keys.h) under collectors that have none. */
struct gc_weak_entry {
  struct gc_weak key;
  gc_field value; /* strong */
};

enum { GC_GLOBALS_COUNT = 64 };
struct gc_globals {
  struct gc_header header;
  gc_field slot[GC_GLOBALS_COUNT];
};

/* Bytes of an object whose header word is `word` (the header itself may be busy): what the mutator asked for, and the
 * 8 bytes of a moved hash. */
static GC_INLINE size_t type_object_bytes_of(const struct gc_type *type, gc_ref object, uint64_t word) {
  size_t bytes;
  switch (type->kind) {
  case GC_KIND_REF_ARRAY:
    bytes = sizeof(struct gc_array) + ((const struct gc_array *)object.bits)->length * sizeof(gc_field);
    break;
  case GC_KIND_RAW_ARRAY: bytes = sizeof(struct gc_raw) + ((const struct gc_raw *)object.bits)->length_bytes; break;
  default: bytes = type->size_bytes;
  }
  return align_up(bytes + (word & GC_FLAG_HASH_MOVED ? 8 : 0), GC_OBJECT_ALIGN_BYTES);
}

/* Slots for references in a new object of `bytes`: strong, weak, and both of an ephemeron. */
static GC_INLINE size_t type_field_count(const struct gc_type *type, size_t bytes) {
  size_t count = type->refs_count;
  for (const uint16_t *offset = type->more_refs; offset && *offset; offset++)
    count++;
  switch (type->kind) {
  case GC_KIND_REF_ARRAY: return (bytes - sizeof(struct gc_array)) / sizeof(gc_field);
  case GC_KIND_RAW_ARRAY: return 0;
  case GC_KIND_WEAK: return 1;
  case GC_KIND_EPHEMERON: return 2;
  default: return count;
  }
}

/* The process's table, indexed by type id.  One heap at a time owns it (type_table_begin). */
extern struct gc_type gc_types[GC_TYPE_TABLE];
extern uint32_t gc_type_count; /* one past the largest id in use */

static GC_INLINE const struct gc_type *object_descriptor(gc_ref object) { return &gc_types[object_type(object)]; }
static GC_INLINE size_t object_bytes(gc_ref object) {
  uint64_t word = object_word(object);
  return type_object_bytes_of(&gc_types[header_type(word)], object, word);
}

/* Installs the runtime's types and the workload's `count` types from GC_TYPE_FIRST on.
 * Returns NULL, or a sentence that says what is wrong with the table.  Before any thread attaches. */
const char *type_table_register(const struct gc_type *types, size_t count);

#endif
