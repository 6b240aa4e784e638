/* gc_weak_table.h -- tables of weak values: a program finds an object by a number, and the table does not keep it.
 *
 *   gc_set(m, &r.table, gc_weak_table_new(m));
 *   gc_weak_table_put(m, &r.table, 17, &r.value);
 *   gc_ref value = gc_weak_table_get(m, gc_get(m, &r.table), 17);   null: there is none, or it died
 *
 * A table is an ordinary object, and dies like one:
 *
 *   table: array ──┬─► entries: array, in order of insertion ──► weak reference ─ ─ ► value
 *                  └─► words: raw; per entry its word, and chains of entries whose words fall into one bucket
 *
 * An entry is as dead as its target: no operation shows it.  Its place is used again when the table is full and was
 * not being walked; so an entry keeps its number for as long as somebody walks the table, whatever dies, is removed or
 * put meanwhile.  Tables of weak keys: gc_weak_keys.h, on the same structure.
 * Compiled with its user, for one plan.  One thread at a time uses a table; several need a lock. */
#ifndef GC_GC_WEAK_TABLE_H
#define GC_GC_WEAK_TABLE_H

#include "runtime/base/check.h"
#include "runtime/gc.h"

enum { GC_WEAK_TABLE_ENTRIES, GC_WEAK_TABLE_WORDS, GC_WEAK_TABLE_SLOTS };
enum { GC_WEAK_TABLE_LEAST = 8 }; /* entries; a power of two, as every capacity */
#define GC_WEAK_TABLE_NONE UINT64_MAX

struct gc_weak_table_words {
  uint64_t capacity; /* entries that there is room for, and buckets */
  uint64_t used;     /* numbers given out since the table was packed, those of dead entries included */
  uint64_t walkers;  /* 0: entries may change their numbers */
  struct gc_weak_table_place {
    uint64_t word;         /* by entry: what it is found by */
    uint32_t next, newest; /* by entry, by bucket: number of another entry plus 1; 0: none */
  } place[];
};

/* Valid until the thread's next safepoint, or store that may drop the last reference to something. */
static inline struct gc_weak_table_words *gc_weak_table_words(struct gc_mutator *m, gc_ref table) {
  gc_ref words = gc_array_load(m, table, GC_WEAK_TABLE_WORDS);
  return (struct gc_weak_table_words *)(void *)gc_raw_data(m, words);
}

static inline gc_ref gc_weak_table_entries(struct gc_mutator *m, gc_ref table) {
  return gc_array_load(m, table, GC_WEAK_TABLE_ENTRIES);
}

/* ---- room ---- */

static inline gc_ref gc_weak_table_words_new(struct gc_mutator *m, uint64_t capacity) {
  gc_ref raw = gc_alloc_raw(m, sizeof(struct gc_weak_table_words) + capacity * sizeof(struct gc_weak_table_place));
  ((struct gc_weak_table_words *)(void *)gc_raw_data(m, raw))->capacity = capacity;
  return raw;
}

/* An empty table. */
static inline gc_ref gc_weak_table_new(struct gc_mutator *m) {
  GC_ROOTS(m, r, entries, words);
  gc_set(m, &r.entries, gc_alloc_array(m, GC_WEAK_TABLE_LEAST));
  gc_set(m, &r.words, gc_weak_table_words_new(m, GC_WEAK_TABLE_LEAST));
  gc_ref table = gc_alloc_array(m, GC_WEAK_TABLE_SLOTS);
  gc_array_store(m, table, GC_WEAK_TABLE_ENTRIES, gc_get(m, &r.entries));
  gc_array_store(m, table, GC_WEAK_TABLE_WORDS, gc_get(m, &r.words));
  gc_frame_pop(m, &r.frame);
  return table;
}

/* What entry `number` is there for, or null: it died, or was removed. */
static inline gc_ref gc_weak_table_target(struct gc_mutator *m, gc_ref table, uint64_t number) {
  gc_ref entry = gc_array_load(m, gc_weak_table_entries(m, table), number);
  return gc_is_null(entry) ? GC_NULL : gc_weak_get(m, entry);
}

/* Entries whose targets live; linear in the table's capacity, without a safepoint. */
static inline uint64_t gc_weak_table_size(struct gc_mutator *m, gc_ref table) {
  uint64_t used = gc_weak_table_words(m, table)->used, live = 0;
  for (uint64_t i = 0; i < used; i++)
    live += !gc_is_null(gc_weak_table_target(m, table, i));
  return live;
}

static inline uint32_t *gc_weak_table_bucket(struct gc_weak_table_words *words, uint64_t word) {
  return &words->place[(word * 0x9e3779b97f4a7c15u >> 32) & (words->capacity - 1)].newest;
}

static inline void gc_weak_table_link(struct gc_weak_table_words *words, uint64_t number, uint64_t word) {
  GC_CHECK(1, number < words->capacity && number < UINT32_MAX, "entry %llu", (unsigned long long)number);
  uint32_t *newest = gc_weak_table_bucket(words, word);
  words->place[number].word = word;
  words->place[number].next = *newest;
  *newest = (uint32_t)number + 1;
}

/* Copies the entries that live, or, while the table is being walked, all to the numbers that they have. */
static inline void gc_weak_table_copy(struct gc_mutator *m, gc_ref table, gc_ref to_entries,
                                      struct gc_weak_table_words *to) {
  const struct gc_weak_table_words *from = gc_weak_table_words(m, table);
  gc_ref entries = gc_weak_table_entries(m, table);
  to->walkers = from->walkers;
  for (uint64_t i = 0; i < from->used; i++) {
    if (gc_is_null(gc_weak_table_target(m, table, i))) {
      to->used += from->walkers != 0;
      continue;
    }
    gc_array_store(m, to_entries, to->used, gc_array_load(m, entries, i));
    gc_weak_table_link(to, to->used++, from->place[i].word);
  }
}

/* Packs a full table, and doubles it if more than half of it lives.  An allocation may run the program's own code
 * (gc_control.h), which may have put entries into the table: then it is looked at again. */
static inline void gc_weak_table_reserve(struct gc_mutator *m, const gc_root *table) {
  GC_ROOTS(m, r, entries, words);
  for (;;) {
    const struct gc_weak_table_words *words = gc_weak_table_words(m, gc_get(m, table));
    uint64_t capacity = words->capacity;
    if (words->used < capacity)
      break;
    bool doubles = words->walkers || gc_weak_table_size(m, gc_get(m, table)) > capacity / 2;
    gc_set(m, &r.entries, gc_alloc_array(m, doubles ? 2 * capacity : capacity));
    gc_set(m, &r.words, gc_weak_table_words_new(m, doubles ? 2 * capacity : capacity));
    gc_ref old = gc_get(m, table), raw = gc_get(m, &r.words);
    if (gc_weak_table_words(m, old)->capacity != capacity)
      continue;
    gc_weak_table_copy(m, old, gc_get(m, &r.entries), (struct gc_weak_table_words *)(void *)gc_raw_data(m, raw));
    gc_array_store(m, old, GC_WEAK_TABLE_WORDS, raw);
    /* Last, and the table is whole: what dies with the old entries may run the program's own code. */
    gc_array_store(m, gc_get(m, table), GC_WEAK_TABLE_ENTRIES, gc_get(m, &r.entries));
  }
  gc_frame_pop(m, &r.frame);
}

/* ---- entries; where keys are weak, `word` is the key's hash, and `key` is not null ---- */

/* The number of the entry, dead or alive; a dead one only where values are weak. */
static inline uint64_t gc_weak_table_find(struct gc_mutator *m, gc_ref table, uint64_t word, gc_ref key) {
  struct gc_weak_table_words *words = gc_weak_table_words(m, table);
  for (uint32_t link = *gc_weak_table_bucket(words, word); link; link = words->place[link - 1].next) {
    if (words->place[link - 1].word != word)
      continue;
    gc_ref target = gc_is_null(key) ? GC_NULL : gc_weak_table_target(m, table, link - 1);
    if (gc_is_null(key) || (!gc_is_null(target) && gc_same(m, target, key)))
      return link - 1;
  }
  return GC_WEAK_TABLE_NONE;
}

/* Puts `entry` in the place of the one that is there, or behind all others. */
static inline void gc_weak_table_add(struct gc_mutator *m, const gc_root *table, uint64_t word, const gc_root *key,
                                     const gc_root *entry) {
  if (gc_weak_table_find(m, gc_get(m, table), word, gc_get(m, key)) == GC_WEAK_TABLE_NONE)
    gc_weak_table_reserve(m, table);
  uint64_t number = gc_weak_table_find(m, gc_get(m, table), word, gc_get(m, key));
  if (number == GC_WEAK_TABLE_NONE) {
    struct gc_weak_table_words *words = gc_weak_table_words(m, gc_get(m, table));
    number = words->used++;
    gc_weak_table_link(words, number, word);
  }
  gc_array_store(m, gc_weak_table_entries(m, gc_get(m, table)), number, gc_get(m, entry));
}

/* Whether a living entry was there. */
static inline bool gc_weak_table_take(struct gc_mutator *m, gc_ref table, uint64_t word, gc_ref key) {
  uint64_t number = gc_weak_table_find(m, table, word, key);
  if (number == GC_WEAK_TABLE_NONE)
    return false;
  struct gc_weak_table_words *words = gc_weak_table_words(m, table);
  uint32_t *link = gc_weak_table_bucket(words, word);
  while (*link != number + 1)
    link = &words->place[*link - 1].next;
  *link = words->place[number].next;
  words->place[number].word = words->place[number].next = 0;
  bool lived = !gc_is_null(gc_weak_table_target(m, table, number));
  gc_array_store(m, gc_weak_table_entries(m, table), number, GC_NULL);
  return lived;
}

/* ---- weak values ---- */

/* `word` leads to `value` from now on.  As gc_alloc: references that are not rooted expire. */
static inline void gc_weak_table_put(struct gc_mutator *m, const gc_root *table, uint64_t word, const gc_root *value) {
  GC_ROOTS(m, r, entry, no_key);
  gc_set(m, &r.entry, gc_weak_new(m, value, NULL, NULL));
  gc_weak_table_add(m, table, word, &r.no_key, &r.entry);
  gc_frame_pop(m, &r.frame);
}

static inline gc_ref gc_weak_table_get(struct gc_mutator *m, gc_ref table, uint64_t word) {
  uint64_t number = gc_weak_table_find(m, table, word, GC_NULL);
  return number == GC_WEAK_TABLE_NONE ? GC_NULL : gc_weak_table_target(m, table, number);
}

/* Whether there was a value that lived. */
static inline bool gc_weak_table_remove(struct gc_mutator *m, gc_ref table, uint64_t word) {
  return gc_weak_table_take(m, table, word, GC_NULL);
}

/* ---- walking a table, of either kind ----
 *
 *   struct gc_weak_walk walk;
 *   gc_weak_walk_begin(m, gc_get(m, &r.table), &walk);
 *   while (gc_set(m, &r.value, gc_weak_walk_next(m, gc_get(m, &r.table), &walk)), !gc_is_null(gc_get(m, &r.value)))
 *     …                                                 walk.word leads to it
 *   gc_weak_walk_end(m, gc_get(m, &r.table));
 *
 * In the order in which words, or keys, came; one that gets another value keeps its place.  Each entry that stays is
 * met once; one that dies, is removed or is put meanwhile, at most once.  Walks of one table may overlap. */

struct gc_weak_walk {
  uint64_t next;         /* number of the entry to look at */
  uint64_t number, word; /* of the entry that was met last */
};

static inline void gc_weak_walk_begin(struct gc_mutator *m, gc_ref table, struct gc_weak_walk *walk) {
  *walk = (struct gc_weak_walk){0};
  gc_weak_table_words(m, table)->walkers++;
}

/* The next value, or key where these are weak; null: there is no more. */
static inline gc_ref gc_weak_walk_next(struct gc_mutator *m, gc_ref table, struct gc_weak_walk *walk) {
  const struct gc_weak_table_words *words = gc_weak_table_words(m, table);
  while (walk->next < words->used) {
    walk->number = walk->next++;
    walk->word = words->place[walk->number].word;
    gc_ref target = gc_weak_table_target(m, table, walk->number);
    if (!gc_is_null(target))
      return target;
  }
  return GC_NULL;
}

static inline void gc_weak_walk_end(struct gc_mutator *m, gc_ref table) { gc_weak_table_words(m, table)->walkers--; }

/* ---- for programs that check themselves ---- */

/* Do the parts exist, and are their sizes those of one capacity? */
static inline bool gc_weak_table_has_parts(struct gc_mutator *m, gc_ref table) {
  if (gc_is_null(table) || gc_array_length(m, table) != GC_WEAK_TABLE_SLOTS)
    return false;
  gc_ref entries = gc_weak_table_entries(m, table), raw = gc_array_load(m, table, GC_WEAK_TABLE_WORDS);
  if (gc_is_null(entries) || gc_is_null(raw))
    return false;
  const struct gc_weak_table_words *words = gc_weak_table_words(m, table);
  uint64_t bytes = GC_DEREF(m, gc_raw, raw)->length_bytes, capacity = gc_array_length(m, entries);
  return bytes == sizeof *words + capacity * sizeof *words->place && words->capacity == capacity &&
         (capacity & (capacity - 1)) == 0 && words->used <= capacity;
}

/* Entries in the chain of bucket `number`, all of which belong there; more than `used` if one does not. */
static inline uint64_t gc_weak_table_chained(struct gc_mutator *m, gc_ref table, uint64_t number) {
  struct gc_weak_table_words *words = gc_weak_table_words(m, table);
  uint64_t length = 0;
  for (uint32_t link = words->place[number].newest; link; link = words->place[link - 1].next)
    if (length++ == words->used || link > words->used ||
        gc_weak_table_bucket(words, words->place[link - 1].word) != &words->place[number].newest)
      return words->capacity + 1;
  return length;
}

/* Whether the table is as this file says, nobody walks it, and none of its entries is dead or was removed, as when each
 * was put once into a new table.  Linear, without a safepoint. */
static inline bool gc_weak_table_is_packed(struct gc_mutator *m, gc_ref table) {
  if (!gc_weak_table_has_parts(m, table))
    return false;
  const struct gc_weak_table_words *words = gc_weak_table_words(m, table);
  gc_ref entries = gc_weak_table_entries(m, table);
  uint64_t chained = 0;
  bool clean = words->walkers == 0;
  for (uint64_t i = 0; i < words->capacity; i++) {
    chained += gc_weak_table_chained(m, table, i);
    if (i >= words->used)
      clean &= gc_is_null(gc_array_load(m, entries, i)) && !words->place[i].word && !words->place[i].next;
  }
  return clean && chained == words->used && gc_weak_table_size(m, table) == words->used;
}

#endif
