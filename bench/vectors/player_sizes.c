/* player_sizes.c -- experiments of the checklist about what objects take, and how a program is told. */
#include "bench/vectors/player_measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one object ---- */

/* With the words that the collector keeps before objects that may be in cycles: what CPython's getsizeof says. */
static uint64_t size_with_links(struct gc_mutator *m, const gc_root *object) {
  const struct gc_control *control = PLAYER_(control)();
  bool listed = control && control->generation_of(m->heap, gc_get(m, object)) != GC_UNLISTED;
  return gc_sizeof(m, object) + (listed ? 2 * sizeof(uintptr_t) : 0);
}

bool PLAYER_(sizes_by_type)(struct gc_mutator *m, char *said, size_t said_bytes) {
  static const struct {
    const char *name;
    uint32_t type;
    size_t bytes, cpython_bytes;
  } kinds[] = {{"object()", TYPE_mobject, sizeof(struct mobject), 16}, {"1.5", TYPE_mfloat, sizeof(struct mfloat), 24},
               {"1", TYPE_mint, sizeof(struct mint), 28},              {"()", TYPE_mtuple, sizeof(struct mtuple), 40},
               {"[]", TYPE_mlist, sizeof(struct mlist), 56},           {"{}", TYPE_mdict, sizeof(struct mdict), 64}};
  bool same = true;
  size_t at = 0;
  GC_ROOTS(m, r, object);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    gc_set(m, &r.object, gc_alloc(m, kinds[i].type, kinds[i].bytes));
    uint64_t bytes = size_with_links(m, &r.object);
    same &= bytes == align_up(kinds[i].cpython_bytes, 8);
    at += (size_t)snprintf(said + at, said_bytes - at, "%s%s %llu", i ? ", " : "", kinds[i].name,
                           (unsigned long long)bytes);
  }
  snprintf(said + at, said_bytes - at, " bytes; CPython: 16, 24, 28, 40, 56, 64");
  gc_frame_pop(m, &r.frame);
  return same;
}

static uint64_t raw_size(struct gc_mutator *m, uint64_t bytes) {
  GC_ROOTS(m, r, raw);
  gc_set(m, &r.raw, gc_alloc_raw(m, bytes));
  uint64_t size = gc_sizeof(m, &r.raw);
  gc_frame_pop(m, &r.frame);
  return size;
}

bool PLAYER_(sizes_by_value)(struct gc_mutator *m, char *said, size_t said_bytes) {
  uint64_t empty = raw_size(m, 0), hello = raw_size(m, 5), text = raw_size(m, 1000), one = raw_size(m, 4),
           three = raw_size(m, 12);
  snprintf(said, said_bytes,
           "5 characters take %llu bytes more than none, 1000 take %llu; three digits of an int %llu more than one",
           (unsigned long long)(hello - empty), (unsigned long long)(text - empty), (unsigned long long)(three - one));
  return hello - empty == align_up(5, 8) && text - empty == 1000 && three - one == 8;
}

bool PLAYER_(bytes_of_an_array)(struct gc_mutator *m, char *said, size_t said_bytes) {
  uint64_t header = raw_size(m, 0), four = raw_size(m, 4 * 8), many = raw_size(m, 10000 * 4);
  snprintf(said, said_bytes, "4 items of 8 bytes: %llu, 10000 of 4: %llu, and %llu for the array itself",
           (unsigned long long)(four - header), (unsigned long long)(many - header), (unsigned long long)header);
  return four - header == 32 && many - header == 40000;
}

/* ---- lists ---- */

/* `list` gets a list of `count` new raw objects of `bytes` each; of nulls if `bytes` is 0. */
static void list_of(struct gc_mutator *m, gc_root *list, uint64_t count, uint64_t bytes) {
  GC_ROOTS(m, r, items);
  gc_set(m, list, GC_NEW(m, mlist));
  gc_set(m, &r.items, gc_alloc_array(m, count));
  GC_STORE(m, gc_get(m, list), mlist, items, gc_get(m, &r.items));
  GC_PUT(m, gc_get(m, list), mlist, length, count);
  for (uint64_t i = 0; bytes && i < count; i++) {
    gc_ref item = gc_alloc_raw(m, bytes);
    gc_array_store(m, gc_get(m, &r.items), i, item);
  }
  gc_frame_pop(m, &r.frame);
}

/* The list and its places, without what it holds. */
static uint64_t shell_size(struct gc_mutator *m, const gc_root *list) {
  GC_ROOTS(m, r, items);
  gc_set(m, &r.items, GC_LOAD(m, gc_get(m, list), mlist, items));
  uint64_t bytes = gc_sizeof(m, list) + gc_sizeof(m, &r.items);
  gc_frame_pop(m, &r.frame);
  return bytes;
}

bool PLAYER_(size_of_a_shell)(struct gc_mutator *m, char *said, size_t said_bytes) {
  GC_ROOTS(m, r, empty, small, large);
  list_of(m, &r.empty, 0, 0);
  list_of(m, &r.small, 4, 8);
  list_of(m, &r.large, 4, 1000);
  uint64_t none = shell_size(m, &r.empty), four = shell_size(m, &r.small), four_large = shell_size(m, &r.large);
  uint64_t deep = gc_sizeof_deep(m, &r.small), deep_large = gc_sizeof_deep(m, &r.large);
  snprintf(said, said_bytes,
           "4 places take %llu bytes more than none (CPython 88 - 56), whatever they hold; with elements of 8 and of "
           "1000 bytes: %llu and %llu",
           (unsigned long long)(four - none), (unsigned long long)deep, (unsigned long long)deep_large);
  gc_frame_pop(m, &r.frame);
  return four - none == 88 - 56 && four == four_large && deep > four && deep_large - deep == 4 * (1000 - 8);
}

bool PLAYER_(list_against_array)(struct gc_mutator *m, char *said, size_t said_bytes) {
  GC_ROOTS(m, r, list, array);
  double ratio[2];
  for (unsigned i = 0; i < 2; i++) {
    uint64_t count = i ? 10000 : 4;
    list_of(m, &r.list, count, 8); /* an int: header, length and digits, as the raw object has them */
    gc_set(m, &r.array, gc_alloc_raw(m, count * 4));
    ratio[i] = (double)gc_sizeof_deep(m, &r.list) / (double)gc_sizeof(m, &r.array);
  }
  snprintf(said, said_bytes, "a list of ints takes %.1f times the bytes of an array of them with 4, %.1f with 10000",
           ratio[0], ratio[1]);
  gc_frame_pop(m, &r.frame);
  return ratio[0] > 1 && ratio[1] > ratio[0] && ratio[1] >= 7;
}

bool PLAYER_(bytes_of_a_table)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { ROWS = 10000 };
  GC_ROOTS(m, r, table, column);
  gc_set(m, &r.table, GC_NEW(m, mpair));
  gc_set(m, &r.column, gc_alloc_raw(m, ROWS * 8));
  GC_STORE(m, gc_get(m, &r.table), mpair, first, gc_get(m, &r.column));
  gc_set(m, &r.column, gc_alloc_raw(m, ROWS * 8));
  GC_STORE(m, gc_get(m, &r.table), mpair, second, gc_get(m, &r.column));
  uint64_t deep = gc_sizeof_deep(m, &r.table), shell = gc_sizeof(m, &r.table), header = raw_size(m, 0);
  snprintf(said, said_bytes, "two columns of %d items of 8 bytes: %llu, %llu of them items", ROWS,
           (unsigned long long)deep, (unsigned long long)(deep - shell - 2 * header));
  gc_frame_pop(m, &r.frame);
  return deep - shell - 2 * header == 2 * ROWS * 8;
}

/* ---- many objects ---- */

enum { LISTS = 50 };

/* `lists` gets an array of lists that each hold all others. */
static void complete_graph(struct gc_mutator *m, gc_root *lists) {
  gc_set(m, lists, gc_alloc_array(m, LISTS));
  for (uint64_t i = 0; i < LISTS; i++) {
    gc_ref list = gc_alloc_array(m, LISTS - 1);
    gc_array_store(m, gc_get(m, lists), i, list);
  }
  for (uint64_t i = 0; i < LISTS; i++)
    for (uint64_t j = 0; j + 1 < LISTS; j++)
      gc_array_store(m, gc_array_load(m, gc_get(m, lists), i), j,
                     gc_array_load(m, gc_get(m, lists), j < i ? j : j + 1));
}

bool PLAYER_(deep_size)(struct gc_mutator *m, char *said, size_t said_bytes) {
  GC_ROOTS(m, r, lists, list);
  complete_graph(m, &r.lists);
  uint64_t sum = 0, shallow = 0;
  bool same = true;
  for (uint64_t i = 0; i < LISTS; i++) {
    gc_set(m, &r.list, gc_array_load(m, gc_get(m, &r.lists), i));
    sum += shallow = gc_sizeof(m, &r.list);
  }
  for (uint64_t i = 0; i < LISTS; i++) {
    gc_set(m, &r.list, gc_array_load(m, gc_get(m, &r.lists), i));
    same &= gc_sizeof_deep(m, &r.list) == sum;
  }
  snprintf(said, said_bytes, "of %d lists that hold each other each takes %llu bytes, and deep %s as all: %llu", LISTS,
           (unsigned long long)shallow, same ? "the same" : "not the same", (unsigned long long)sum);
  gc_frame_pop(m, &r.frame);
  return same;
}

static struct gc_type_count count_of(struct gc_mutator *m, const char *type) {
  struct gc_type_count counts[32];
  uint64_t types = gc_type_histogram(m, counts, 32);
  for (uint64_t i = 0; i < types && i < 32; i++)
    if (strcmp(counts[i].type, type) == 0)
      return counts[i];
  return (struct gc_type_count){0};
}

bool PLAYER_(counts_by_type)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { FLOATS = 300, PAIRS = 200 };
  GC_ROOTS(m, r, all);
  gc_set(m, &r.all, gc_alloc_array(m, FLOATS + PAIRS));
  for (uint64_t i = 0; i < FLOATS + PAIRS; i++) {
    gc_ref object = i < FLOATS ? GC_NEW(m, mfloat) : GC_NEW(m, mpair);
    gc_array_store(m, gc_get(m, &r.all), i, object);
  }
  struct gc_type_count floats = count_of(m, "mfloat"), pairs = count_of(m, "mpair");
  snprintf(said, said_bytes, "%d floats and %d pairs made, %lld and %lld counted, with %lld and %lld bytes", FLOATS,
           PAIRS, (long long)floats.objects, (long long)pairs.objects, (long long)floats.bytes, (long long)pairs.bytes);
  gc_frame_pop(m, &r.frame);
  return floats.objects == FLOATS && floats.bytes == FLOATS * (int64_t)sizeof(struct mfloat) &&
         pairs.objects == PAIRS && pairs.bytes == PAIRS * (int64_t)sizeof(struct mpair);
}

/* What changed between two snapshots, of all types together. */
static struct gc_type_count change(const struct gc_snapshot *early, const struct gc_snapshot *late) {
  struct gc_type_count counts[32], sum = {0};
  uint64_t types = gc_snapshot_diff(early, late, counts, 32);
  for (uint64_t i = 0; i < types && i < 32; i++) {
    sum.objects += counts[i].objects;
    sum.bytes += counts[i].bytes;
  }
  return sum;
}

bool PLAYER_(two_snapshots)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { BLOCKS = 1000, BYTES_EACH = 1000 };
  GC_ROOTS(m, r, blocks);
  struct gc_snapshot *before = gc_snapshot_take(m);
  gc_set(m, &r.blocks, gc_alloc_array(m, BLOCKS));
  for (uint64_t i = 0; i < BLOCKS; i++) {
    gc_ref block = gc_alloc_raw(m, BYTES_EACH);
    gc_array_store(m, gc_get(m, &r.blocks), i, block);
  }
  struct gc_snapshot *full = gc_snapshot_take(m);
  gc_set(m, &r.blocks, GC_NULL);
  struct gc_snapshot *after = gc_snapshot_take(m);
  struct gc_type_count grown = change(before, full), released = change(full, after);
  int64_t expected = BLOCKS * (int64_t)(sizeof(struct gc_raw) + BYTES_EACH + sizeof(gc_field)) +
                     (int64_t)sizeof(struct gc_array);
  snprintf(said, said_bytes, "%+lld objects and %+lld bytes, after their release %+lld and %+lld (CPython: +1001 and "
           "+1041800, and the negative)", (long long)grown.objects, (long long)grown.bytes, (long long)released.objects,
           (long long)released.bytes);
  gc_snapshot_free(before);
  gc_snapshot_free(full);
  gc_snapshot_free(after);
  gc_frame_pop(m, &r.frame);
  return grown.objects == BLOCKS + 1 && grown.bytes == expected && released.objects == -grown.objects &&
         released.bytes == -grown.bytes;
}

static int64_t bytes_alive(struct gc_mutator *m) {
  struct gc_snapshot *now = gc_snapshot_take(m);
  int64_t bytes = change(NULL, now).bytes;
  gc_snapshot_free(now);
  return bytes;
}

/* Measure, find what is large, change it, measure again. */
bool PLAYER_(largest_is_found)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { FLOATS = 10000 };
  struct gc_type_count largest;
  GC_ROOTS(m, r, samples, names);
  list_of(m, &r.names, FLOATS / 100, 8);
  gc_set(m, &r.samples, gc_alloc_array(m, FLOATS));
  for (uint64_t i = 0; i < FLOATS; i++) {
    gc_ref number = GC_NEW(m, mfloat);
    gc_array_store(m, gc_get(m, &r.samples), i, number);
  }
  gc_type_histogram(m, &largest, 1);
  int64_t before = bytes_alive(m);
  gc_set(m, &r.samples, gc_alloc_raw(m, FLOATS * sizeof(double)));
  int64_t after = bytes_alive(m), floats = count_of(m, "mfloat").objects;
  snprintf(said, said_bytes, "%lld of %lld bytes are %lld objects of type %s; as an array, all takes %lld",
           (long long)largest.bytes, (long long)before, (long long)largest.objects, largest.type, (long long)after);
  gc_frame_pop(m, &r.frame);
  return strcmp(largest.type, "mfloat") == 0 && largest.objects == FLOATS && floats == 0 && 3 * after < before;
}

bool PLAYER_(cycles_are_counted)(struct gc_mutator *m, char *said, size_t said_bytes) {
  struct gc_cycle_count counts[8];
  GC_ROOTS(m, r, lists, one);
  complete_graph(m, &r.lists);
  gc_set(m, &r.one, gc_array_load(m, gc_get(m, &r.lists), 0));
  gc_set(m, &r.lists, GC_NULL);
  uint64_t types = gc_count_cycles(m, counts, 8);
  int64_t live = types ? counts[0].live : 0, largest = types ? counts[0].largest : 0;
  gc_set(m, &r.one, GC_NULL);
  uint64_t later = gc_count_cycles(m, counts, 8);
  int64_t garbage = later ? counts[0].garbage : 0;
  snprintf(said, said_bytes, "%lld lists in live cycles, %lld in the largest; dropped, %lld are garbage in cycles",
           (long long)live, (long long)largest, (long long)garbage);
  gc_frame_pop(m, &r.frame);
  return types == 1 && live == LISTS && largest == LISTS && garbage == LISTS;
}
