#include "runtime/tools/profile.h"

#include <execinfo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/rng.h"

struct profile {
  struct alloc_watch watch; /* first: the hooks are given its address */
  enum profile_mode mode;
  double interval_bytes;
  pthread_mutex_t lock; /* the rest */
  uint64_t random;
  struct profile_site **sites;
  size_t count, capacity;
  uint32_t *table;       /* open addressing: index in sites + 1; 0: empty */
  size_t table_capacity; /* a power of two, more than twice `count` */
  uint32_t next_copy;    /* the next unused id */
  struct profile_site *site_of_copy[GC_TYPE_TABLE - GC_TYPE_LIMIT];
};

enum { TABLE_LEAST = 1024 };

/* ---- sites ---- */

static uint64_t hash_of(uint32_t type, const uintptr_t *stack, uint32_t depth) {
  uint64_t hash = type;
  for (uint32_t i = 0; i < depth; i++)
    hash = rng_mix(hash, stack[i]);
  return hash;
}

static bool is_site(const struct profile_site *site, uint32_t type, const uintptr_t *stack, uint32_t depth) {
  return site->type == type && site->depth == depth && memcmp(site->stack, stack, depth * sizeof *stack) == 0;
}

/* The place in the table of the site, or where it would go. */
static uint32_t *place_of(const struct profile *profile, uint32_t type, const uintptr_t *stack, uint32_t depth) {
  size_t i = hash_of(type, stack, depth);
  for (;; i++) {
    uint32_t *place = &profile->table[i & (profile->table_capacity - 1)];
    if (*place == 0 || is_site(profile->sites[*place - 1], type, stack, depth))
      return place;
  }
}

static bool grow(struct profile *profile) {
  size_t capacity = profile->capacity ? 2 * profile->capacity : TABLE_LEAST / 2;
  struct profile_site **sites = realloc(profile->sites, capacity * sizeof *sites);
  if (!sites)
    return false;
  profile->sites = sites;
  uint32_t *table = calloc(4 * capacity, sizeof *table);
  if (!table)
    return false;
  free(profile->table);
  profile->table = table;
  profile->table_capacity = 4 * capacity;
  profile->capacity = capacity;
  for (size_t i = 0; i < profile->count; i++)
    *place_of(profile, sites[i]->type, sites[i]->stack, sites[i]->depth) = (uint32_t)i + 1;
  return true;
}

/* A copy of the type for one site's objects; 0 if there is none. */
static uint32_t copy_type(struct profile *profile, struct profile_site *site) {
  enum gc_kind kind = gc_types[site->type].kind;
  if (kind == GC_KIND_WEAK || kind == GC_KIND_EPHEMERON || profile->next_copy == GC_TYPE_TABLE)
    return 0;
  uint32_t copy = profile->next_copy++;
  gc_types[copy] = gc_types[site->type]; /* plain: whoever sees an object of it got the reference that published it */
  profile->site_of_copy[copy - GC_TYPE_LIMIT] = site;
  return copy;
}

/* NULL if memory is refused. */
static struct profile_site *site_at_locked(struct profile *profile, const struct gc_collector *collector, uint32_t type,
                                           const uintptr_t *stack, uint32_t depth) {
  if (profile->count == profile->capacity && !grow(profile))
    return NULL;
  uint32_t *place = place_of(profile, type, stack, depth);
  if (*place)
    return profile->sites[*place - 1];
  struct profile_site *site = calloc(1, sizeof *site + depth * sizeof *stack);
  if (!site)
    return NULL;
  site->type = type;
  site->depth = depth;
  memcpy(site->stack, stack, depth * sizeof *stack);
  site->copy = collector->copied_types ? copy_type(profile, site) : 0;
  profile->sites[profile->count++] = site;
  *place = (uint32_t)profile->count;
  return site;
}

/* `object` stands for so many bytes and objects. */
static void add(struct profile *profile, const struct gc_mutator *m, gc_ref object, uint32_t type, double bytes,
                double objects, const uintptr_t *stack, uint32_t depth) {
  pthread_mutex_lock(&profile->lock);
  struct profile_site *site = site_at_locked(profile, m->heap->collector, type, stack, depth);
  uint32_t copy = site ? site->copy : 0;
  if (site) {
    site->told++;
    site->bytes += bytes;
    site->objects += objects;
  }
  pthread_mutex_unlock(&profile->lock);
  if (copy) /* the type's own two bytes of the header: others of its bytes may be in other hands already */
    atomic_store_explicit((_Atomic uint16_t *)(object.bits + GC_TYPE_SHIFT / 8), (uint16_t)copy, memory_order_relaxed);
}

/* ---- the hooks ---- */

static struct profile *profile_at(const struct alloc_watch *watch) {
  return GC_CONTAINER_OF(watch, struct profile, watch);
}

static void note_each(const struct alloc_watch *watch, struct gc_mutator *m, gc_ref object, uint32_t type, size_t bytes,
                      const void *caller) {
  uintptr_t stack[1] = {(uintptr_t)caller};
  add(profile_at(watch), m, object, type, (double)bytes, 1, stack, 1);
}

static uint64_t draw_gap_bytes(struct profile *profile) {
  pthread_mutex_lock(&profile->lock);
  double unit = rng_unit(&profile->random);
  pthread_mutex_unlock(&profile->lock);
  return (uint64_t)(-log1p(-unit) * profile->interval_bytes);
}

static void note_sampled(const struct alloc_watch *watch, struct gc_mutator *m, gc_ref object, uint32_t type,
                         size_t bytes, size_t window_bytes) {
  struct profile *profile = profile_at(watch);
  void *frames[PROFILE_FRAMES_MOST];
  uintptr_t stack[PROFILE_FRAMES_MOST];
  double window = (double)window_bytes, weight = window / -expm1(-window / profile->interval_bytes);
  if (m->sample_at_bytes == 0) { /* the thread's first window */
    m->sample_at_bytes = m->counts.alloc_bytes - window_bytes + draw_gap_bytes(profile);
    if (m->counts.alloc_bytes <= m->sample_at_bytes)
      return;
  }
  m->sample_at_bytes = m->counts.alloc_bytes + draw_gap_bytes(profile);
  int all = backtrace(frames, PROFILE_FRAMES_MOST), first = 0, depth = 0;
  while (first < all && frames[first] != __builtin_return_address(0)) /* the unwinder's own: a sanitizer has some */
    first++;
  for (int i = first < all ? first : 0; i < all; i++)
    stack[depth++] = (uintptr_t)frames[i];
  add(profile, m, object, type, weight, weight / (double)bytes, stack, (uint32_t)depth);
}

/* ---- creation ---- */

struct profile *profile_create(enum profile_mode mode, size_t interval_bytes, uint64_t seed) {
  struct profile *profile = calloc(1, sizeof *profile);
  if (!profile || !grow(profile)) {
    free(profile);
    return NULL;
  }
  profile->mode = mode;
  if (mode == PROFILE_EXACT)
    profile->watch.each = note_each;
  else
    profile->watch.sampled = note_sampled;
  profile->interval_bytes = (double)interval_bytes;
  profile->random = rng_stream(seed, 0);
  profile->next_copy = GC_TYPE_LIMIT;
  pthread_mutex_init(&profile->lock, NULL);
  void *frame;
  backtrace(&frame, 1); /* the first call loads the unwinder, which takes memory */
  return profile;
}

void profile_destroy(struct profile *profile) {
  if (!profile)
    return;
  for (size_t i = 0; i < profile->count; i++)
    free(profile->sites[i]);
  free(profile->sites);
  free(profile->table);
  pthread_mutex_destroy(&profile->lock);
  free(profile);
}

const struct alloc_watch *profile_watch(struct profile *profile) { return &profile->watch; }
struct profile *profile_of(const struct gc_heap *heap) {
  return heap->config.watch ? profile_at(heap->config.watch) : NULL;
}

void profile_acquire(struct profile *profile) { pthread_mutex_lock(&profile->lock); }
void profile_release(struct profile *profile) { pthread_mutex_unlock(&profile->lock); }

enum profile_mode profile_mode(const struct profile *profile) { return profile->mode; }
size_t profile_site_count(const struct profile *profile) { return profile->count; }
const struct profile_site *profile_site(const struct profile *profile, size_t index) { return profile->sites[index]; }
const struct profile_site *profile_site_of(const struct profile *profile, uint32_t type) {
  return profile && type >= GC_TYPE_LIMIT ? profile->site_of_copy[type - GC_TYPE_LIMIT] : NULL;
}

/* ---- reading ---- */

enum { INLINED_MOST = 24 };

static bool starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }
static bool is_runtime(const struct line *line) {
  return starts_with(line->file, "runtime/") || starts_with(line->file, "collectors/") ||
         starts_with(line->file, "tests/plans/");
}

size_t profile_stack(const struct profile_site *site, struct lines *lines, struct line *found, size_t limit) {
  size_t count = 0;
  for (uint32_t i = 0; i < site->depth; i++) {
    struct line inlined[INLINED_MOST];
    size_t more = lines_of(lines, site->stack[i] - 1, inlined, INLINED_MOST); /* the call, not what follows it */
    for (size_t j = 0; j < more && count < limit; j++) {
      if (inlined[j].file[0] == '\0' || starts_with(inlined[j].file, "bench/"))
        return count; /* who called the program */
      if (count > 0 || !is_runtime(&inlined[j]))
        found[count++] = inlined[j];
    }
  }
  return count;
}

static int by_line(const void *a, const void *b) {
  const struct profile_row *x = a, *y = b;
  int order = strcmp(x->file, y->file);
  if (!order)
    order = x->line - y->line;
  return order ? order : strcmp(x->type, y->type);
}

static int most_first(const void *a, const void *b) {
  const struct profile_row *x = a, *y = b;
  return x->bytes == y->bytes ? by_line(a, b) : x->bytes < y->bytes ? 1 : -1;
}

static struct profile_row row_of(const struct profile *profile, const struct profile_site *site, struct lines *lines,
                                 const uint64_t *live_objects, const uint64_t *live_bytes) {
  struct line line = {.function = "?", .file = "?"};
  profile_stack(site, lines, &line, 1);
  struct profile_row row = {.type = gc_types[site->type].name,
                            .file = line.file,
                            .function = line.function,
                            .line = line.number,
                            .bytes = site->bytes,
                            .objects = site->objects,
                            .live_known = live_objects && site->copy};
  if (row.live_known) {
    double alive = (double)(int64_t)live_objects[site->copy], share = alive / (double)site->told;
    bool exact = profile->mode == PROFILE_EXACT;
    row.live_objects = exact ? alive : share * site->objects;
    row.live_bytes = exact ? (double)(int64_t)live_bytes[site->copy] : share * site->bytes;
  }
  return row;
}

static void merge(struct profile_row *into, const struct profile_row *row) {
  into->bytes += row->bytes;
  into->objects += row->objects;
  into->live_bytes += row->live_bytes;
  into->live_objects += row->live_objects;
}

struct profile_row *profile_rows(const struct profile *profile, struct lines *lines, const struct census *live,
                                 size_t *count) {
  struct profile_row *rows = calloc(profile->count + 1, sizeof *rows);
  uint64_t *alive = calloc(2 * GC_TYPE_TABLE, sizeof *alive);
  if (!rows || !alive) {
    free(rows);
    free(alive);
    return NULL;
  }
  for (size_t i = 0; live && i < live->count; i++) {
    alive[live->rows[i].type] = live->rows[i].objects;
    alive[GC_TYPE_TABLE + live->rows[i].type] = live->rows[i].bytes;
  }
  for (size_t i = 0; i < profile->count; i++)
    rows[i] = row_of(profile, profile->sites[i], lines, live ? alive : NULL, alive + GC_TYPE_TABLE);
  free(alive);
  qsort(rows, profile->count, sizeof *rows, by_line);
  *count = 0;
  for (size_t i = 0; i < profile->count; i++)
    if (*count && by_line(&rows[*count - 1], &rows[i]) == 0)
      merge(&rows[*count - 1], &rows[i]);
    else
      rows[(*count)++] = rows[i];
  qsort(rows, *count, sizeof *rows, most_first);
  return rows;
}
