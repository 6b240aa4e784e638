#include "runtime/object/type.h"

#include <stdio.h>
#include <string.h>

struct gc_type gc_types[GC_TYPE_TABLE];
uint32_t gc_type_count;

static const struct gc_type runtime_types[GC_TYPE_FIRST] = {
    [GC_TYPE_NONE] = {.name = "none"},
    [GC_TYPE_GLOBALS] = {.name = "globals",
                         .size_bytes = sizeof(struct gc_globals),
                         .refs_offset = offsetof(struct gc_globals, slot),
                         .refs_count = GC_GLOBALS_COUNT},
    [GC_TYPE_ARRAY] = {.name = "array", .kind = GC_KIND_REF_ARRAY},
    [GC_TYPE_RAW] = {.name = "raw", .kind = GC_KIND_RAW_ARRAY, .acyclic = true},
    /* Not acyclic: whether it dies with a cycle that holds it decides about its callback. */
    [GC_TYPE_WEAK] = {.name = "weak", .kind = GC_KIND_WEAK, .size_bytes = sizeof(struct gc_weak)},
    [GC_TYPE_EPHEMERON] = {.name = "ephemeron", .kind = GC_KIND_EPHEMERON, .size_bytes = sizeof(struct gc_ephemeron)},
    [GC_TYPE_WEAK_ENTRY] = {.name = "weak entry",
                            .kind = GC_KIND_WEAK,
                            .size_bytes = sizeof(struct gc_weak_entry),
                            .refs_offset = offsetof(struct gc_weak_entry, value),
                            .refs_count = 1},
};

static const char *type_problem(const struct gc_type *type) {
  if (!type->name)
    return "has no name";
  bool counts_none = type->kind != GC_KIND_FIXED && type->kind != GC_KIND_WEAK;
  if (counts_none && (type->refs_count || type->more_refs))
    return "is no struct and has references at fixed offsets";
  if (type->kind == GC_KIND_REF_ARRAY || type->kind == GC_KIND_RAW_ARRAY)
    return NULL;
  if (type->kind == GC_KIND_WEAK && type->refs_count && type->refs_offset < sizeof(struct gc_weak))
    return "is a weak reference whose target is among its references";
  if (type->size_bytes < GC_OBJECT_MIN_BYTES)
    return "is smaller than 16 bytes";
  if (type->refs_count && (type->refs_offset < sizeof(struct gc_header) || type->refs_offset % 8 ||
                           type->refs_offset + 8u * type->refs_count > type->size_bytes))
    return "has references outside its size";
  for (const uint16_t *offset = type->more_refs; offset && *offset; offset++)
    if (*offset % 8 || *offset + 8u > type->size_bytes)
      return "has a further reference outside its size";
  return NULL;
}

const char *type_table_register(const struct gc_type *types, size_t count) {
  static char message[160];
  if (count > GC_TYPE_LIMIT - GC_TYPE_FIRST) {
    snprintf(message, sizeof message, "%zu types: at most %d", count, GC_TYPE_LIMIT - GC_TYPE_FIRST);
    return message;
  }
  memset(gc_types, 0, gc_type_count * sizeof *gc_types); /* those of another heap; the rest was never touched */
  memcpy(gc_types, runtime_types, sizeof runtime_types);
  for (size_t i = 0; i < count; i++) {
    const char *problem = type_problem(&types[i]);
    if (problem) {
      snprintf(message, sizeof message, "type %zu (%s) %s", i, types[i].name ? types[i].name : "?", problem);
      return message;
    }
    gc_types[GC_TYPE_FIRST + i] = types[i];
    gc_types[GC_TYPE_FIRST + i].size_bytes = (uint32_t)align_up(types[i].size_bytes, GC_OBJECT_ALIGN_BYTES);
  }
  gc_type_count = (uint32_t)(GC_TYPE_FIRST + count);
  return NULL;
}
