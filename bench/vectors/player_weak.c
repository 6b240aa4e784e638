/* player_weak.c -- weak references and weak dictionaries of a script; and the probes by which other plans' objects are
 * found.
 *
 * A weak dictionary is a dict of pairs: the weak reference of an entry, and its value where keys are weak.  The keys
 * are with its number.  When an entry's weak reference is cleared its callback takes the entry out. */
#include <stdlib.h>
#include <string.h>

#include "bench/vectors/player_world.h"

/* ---- weak references ---- */

/* The callback's argument is the number of the weak reference. */
static void *argument_of(uint64_t thing) { return (void *)(uintptr_t)thing; }

static gc_ref weak_object(struct world *w, uint64_t thing, const gc_root *target, bool calls, const gc_root *callee) {
  struct gc_mutator *m = w->m;
  gc_ref weak = GC_NEW(m, vweak);
  gc_weak_init(m, weak, target, calls ? PLAYER_(weak_callback) : NULL, argument_of(thing));
  GC_PUT(m, weak, vweak, thing, thing);
  if (callee)
    GC_STORE(m, weak, vweak, callee, gc_get(m, callee));
  w->things[thing].weak = true;
  w->things[thing].ref = weak;
  if (w->control)
    return weak;
  GC_ROOTS(m, r, weak);
  gc_set(m, &r.weak, weak);
  PLAYER_(probe)(w, thing, &r.weak);
  weak = gc_get(m, &r.weak);
  gc_frame_pop(m, &r.frame);
  return weak;
}

/* Only objects with fields have room for weak references, as in CPython. */
static bool has_room(struct world *w, const gc_root *target) {
  uint32_t type = world_failed(w) ? TYPE_vnode : object_type(gc_get(w->m, target));
  if (type != TYPE_vnode && type != TYPE_vdnode)
    PLAYER_(refuse)(w, "%s: it has no room for weak references", w->op->text);
  return !world_failed(w);
}

void PLAYER_(weak_new)(struct world *w, const char *name, const gc_root *target, enum script_weak call,
                       const gc_root *callee) {
  if (!has_room(w, target))
    return;
  uint64_t thing = PLAYER_(thing_new)(w, name, KIND_leaf);
  w->things[thing].call = call;
  w->things[thing].callee = callee ? PLAYER_(thing_of)(w, gc_get(w->m, callee)) : THING_NONE;
  PLAYER_(set_root)(w, name, weak_object(w, thing, target, call != WEAK_PLAIN, callee));
}

/* The one that is there, or a new one. */
void PLAYER_(weak_shared)(struct world *w, const char *name, const gc_root *target) {
  struct gc_mutator *m = w->m;
  if (!has_room(w, target))
    return;
  for (uint64_t i = 1; i < w->thing_count; i++) {
    if (!w->things[i].shared)
      continue;
    gc_ref weak = PLAYER_(thing_ref)(w, i);
    if (!gc_is_null(weak) && gc_same(m, gc_weak_get(m, weak), gc_get(m, target))) {
      PLAYER_(set_root)(w, name, weak);
      return;
    }
  }
  uint64_t thing = PLAYER_(thing_new)(w, NULL, KIND_leaf);
  w->things[thing].shared = true;
  PLAYER_(set_root)(w, name, weak_object(w, thing, target, false, NULL));
}

uint64_t PLAYER_(weak_count)(struct world *w, gc_ref target) {
  uint64_t count = 0;
  for (uint64_t i = 1; i < w->thing_count; i++) {
    if (!w->things[i].weak)
      continue;
    gc_ref weak = PLAYER_(thing_ref)(w, i);
    count += !gc_is_null(weak) && gc_same(w->m, gc_weak_get(w->m, weak), target);
  }
  return count;
}

/* ---- weak dictionaries ---- */

void PLAYER_(weak_dict_new)(struct world *w, const char *name, bool by_key) {
  gc_ref dict = PLAYER_(make)(w, KIND_dict, NULL, false);
  w->things[PLAYER_(thing_of)(w, dict)].weak_keys = by_key;
  PLAYER_(set_root)(w, name, dict);
}

static bool is_by_key(struct world *w, uint64_t thing) { return w->things[thing].weak_keys; }

static uint64_t entry_count(struct world *w, gc_ref dict) { return GC_DEREF(w->m, vdict, dict)->count; }

static gc_ref load_pair(struct world *w, gc_ref dict, uint64_t n) {
  gc_ref values = GC_LOAD(w->m, dict, vdict, values);
  return gc_load(w->m, values, PLAYER_(dict_slot)(w->m, values, n));
}
static void store_pair(struct world *w, gc_ref dict, uint64_t n, gc_ref value) {
  gc_ref values = GC_LOAD(w->m, dict, vdict, values);
  gc_store(w->m, values, PLAYER_(dict_slot)(w->m, values, n), value);
}
static gc_ref entry_weak(struct world *w, gc_ref dict, uint64_t i) { return load_pair(w, dict, 2 * i); }
static gc_ref entry_value(struct world *w, gc_ref dict, uint64_t i) { return load_pair(w, dict, 2 * i + 1); }

/* The key of a weak-key dictionary is an object, that of a weak-value dictionary a word.  The number of entries if
 * there is no such entry. */
static uint64_t find_entry(struct world *w, gc_ref dict, const char *key) {
  uint64_t thing = PLAYER_(thing_of)(w, dict), count = entry_count(w, dict), i = 0;
  bool by_key = is_by_key(w, thing);
  gc_root *root = by_key ? PLAYER_(try_root)(w, key) : NULL;
  uint64_t key_thing = root ? PLAYER_(thing_of)(w, gc_get(w->m, root)) : THING_NONE;
  const struct thing *t = &w->things[thing];
  for (; i < count; i++)
    if (t->keys[i] && (by_key ? t->key_things[i] == key_thing : strcmp(t->keys[i], key) == 0))
      break;
  return i;
}

/* Room for one more entry; those that are gone are left out. */
static void grow_entries(struct world *w, const gc_root *dict) {
  struct gc_mutator *m = w->m;
  gc_ref old = GC_LOAD(m, gc_get(m, dict), vdict, values);
  uint64_t count = entry_count(w, gc_get(m, dict)), kept = 0;
  if (!gc_is_null(old) && 2 * count + 2 <= gc_array_length(m, old))
    return;
  gc_ref values = PLAYER_(items_new)(m, 4 * count + 8);
  old = GC_LOAD(m, gc_get(m, dict), vdict, values);
  struct thing *t = &w->things[PLAYER_(thing_of)(w, gc_get(m, dict))];
  for (uint64_t i = 0; i < count; i++) {
    if (!t->keys[i])
      continue;
    for (unsigned half = 0; half < 2; half++) {
      gc_ref value = gc_load(m, old, PLAYER_(dict_slot)(m, old, 2 * i + half));
      gc_store(m, values, PLAYER_(dict_slot)(m, values, 2 * kept + half), value);
    }
    t->key_things[kept] = t->key_things[i];
    t->keys[kept++] = t->keys[i];
  }
  GC_PUT(m, gc_get(m, dict), vdict, count, kept);
  GC_STORE(m, gc_get(m, dict), vdict, values, values);
}

/* The number of a new entry. */
static uint64_t add_entry(struct world *w, const gc_root *dict) {
  grow_entries(w, dict);
  uint64_t at = entry_count(w, gc_get(w->m, dict));
  PLAYER_(reserve_keys)(w, PLAYER_(thing_of)(w, gc_get(w->m, dict)), at + 1);
  GC_PUT(w->m, gc_get(w->m, dict), vdict, count, at + 1);
  return at;
}

void PLAYER_(weak_put)(struct world *w, const char *name, const char *key, const gc_root *value) {
  struct gc_mutator *m = w->m;
  GC_ROOTS(m, r, dict, weak, target);
  gc_root *root = PLAYER_(find_root)(w, name);
  gc_set(m, &r.dict, root ? gc_get(m, root) : GC_NULL);
  uint64_t thing = PLAYER_(thing_of)(w, gc_get(m, &r.dict));
  bool by_key = root && is_by_key(w, thing);
  gc_root *key_root = by_key ? PLAYER_(find_root)(w, key) : NULL;
  if (!world_failed(w))
    gc_set(m, &r.target, gc_get(m, by_key ? key_root : value));
  if (has_room(w, &r.target)) {
    uint64_t at = find_entry(w, gc_get(m, &r.dict), key);
    bool is_there = at < entry_count(w, gc_get(m, &r.dict));
    if (!is_there || !by_key) { /* a key that is there keeps its weak reference */
      uint64_t weak_thing = PLAYER_(thing_new)(w, NULL, KIND_leaf);
      w->things[weak_thing].entry_of = thing;
      gc_set(m, &r.weak, weak_object(w, weak_thing, &r.target, true, NULL));
      if (!is_there)
        at = add_entry(w, &r.dict);
      w->things[thing].keys[at] = key;
      w->things[thing].key_things[at] = by_key ? PLAYER_(thing_of)(w, gc_get(m, &r.target)) : THING_NONE;
      PLAYER_(list_table)(w, gc_get(m, &r.dict), gc_get(m, &r.weak));
      store_pair(w, gc_get(m, &r.dict), 2 * at, gc_get(m, &r.weak));
    }
    if (by_key)
      store_pair(w, gc_get(m, &r.dict), 2 * at + 1, gc_get(m, value));
  }
  gc_frame_pop(m, &r.frame);
}

void PLAYER_(weak_entry_dies)(struct world *w, uint64_t weak_thing) {
  struct gc_mutator *m = w->m;
  uint64_t thing = w->things[weak_thing].entry_of;
  gc_ref dict = PLAYER_(thing_ref)(w, thing), weak = PLAYER_(thing_ref)(w, weak_thing);
  if (gc_is_null(dict) || gc_is_null(weak))
    return;
  GC_ROOTS(m, r, dict);
  gc_set(m, &r.dict, dict);
  uint64_t count = entry_count(w, dict), i = 0;
  while (i < count && !gc_same(m, entry_weak(w, gc_get(m, &r.dict), i), weak))
    i++;
  if (i < count) {
    w->things[thing].keys[i] = NULL;
    store_pair(w, gc_get(m, &r.dict), 2 * i, GC_NULL); /* key, then value: the order in which a dict releases them */
    store_pair(w, gc_get(m, &r.dict), 2 * i + 1, GC_NULL);
  }
  gc_frame_pop(m, &r.frame);
}

/* ---- answers ---- */

static gc_ref entry_target(struct world *w, gc_ref dict, uint64_t i) {
  gc_ref weak = entry_weak(w, dict, i);
  return gc_is_null(weak) ? GC_NULL : gc_weak_get(w->m, weak);
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void answer_keys(struct world *w, gc_ref dict, FILE *out) {
  uint64_t thing = PLAYER_(thing_of)(w, dict), count = entry_count(w, dict), named = 0;
  const char **names = malloc((count + 1) * sizeof *names);
  for (uint64_t i = 0; i < count; i++) {
    gc_ref target = w->things[thing].keys[i] ? entry_target(w, dict, i) : GC_NULL;
    if (!gc_is_null(target))
      names[named++] = is_by_key(w, thing) ? PLAYER_(name_of)(w, target) : w->things[thing].keys[i];
  }
  qsort(names, named, sizeof *names, compare_names);
  for (uint64_t i = 0; i < named; i++)
    fprintf(out, "%s%s", i ? " " : "", names[i]);
  if (!named)
    fputs("-", out);
  free(names);
}

static void answer_get(struct world *w, gc_ref dict, FILE *out) {
  uint64_t at = find_entry(w, dict, w->op->key), thing = PLAYER_(thing_of)(w, dict);
  gc_ref value = GC_NULL;
  if (at < entry_count(w, dict))
    value = is_by_key(w, thing) ? entry_value(w, dict, at) : entry_target(w, dict, at);
  fputs(gc_is_null(value) ? "null" : PLAYER_(one_name_of)(w, value), out);
}

static void answer_len(struct world *w, gc_ref dict, FILE *out) {
  uint64_t thing = PLAYER_(thing_of)(w, dict), count = 0;
  for (uint64_t i = 0; i < entry_count(w, dict); i++)
    count += w->things[thing].keys[i] && !gc_is_null(entry_target(w, dict, i));
  fprintf(out, "%llu", (unsigned long long)count);
}

void PLAYER_(weak_dict_answer)(struct world *w, FILE *out) {
  gc_root *root = PLAYER_(find_root)(w, w->op->name);
  if (!root)
    return;
  gc_ref dict = gc_get(w->m, root);
  switch (w->op->code) {
  case SCRIPT_len: answer_len(w, dict, out); break;
  case SCRIPT_get: answer_get(w, dict, out); break;
  default: answer_keys(w, dict, out);
  }
}

/* ---- probes ---- */

void PLAYER_(probe)(struct world *w, uint64_t thing, const gc_root *object) {
  struct gc_mutator *m = w->m;
  gc_ref probes = gc_get(m, &w->roots[ROOT_PROBES]);
  uint64_t capacity = gc_is_null(probes) ? 0 : gc_array_length(m, probes);
  if (thing >= capacity) {
    gc_ref larger = gc_alloc_array(m, size_max(256, 2 * thing));
    probes = gc_get(m, &w->roots[ROOT_PROBES]);
    if (capacity)
      gc_copy_fields(m, larger, gc_array_slot(m, larger, 0), probes, gc_array_slot(m, probes, 0), capacity);
    gc_set(m, &w->roots[ROOT_PROBES], larger);
  }
  gc_ref probe = gc_weak_new(m, object, NULL, NULL);
  gc_array_store(m, gc_get(m, &w->roots[ROOT_PROBES]), thing, probe);
}

gc_ref PLAYER_(probed)(struct world *w, uint64_t thing) {
  gc_ref probes = gc_get(w->m, &w->roots[ROOT_PROBES]);
  if (gc_is_null(probes) || thing >= gc_array_length(w->m, probes))
    return GC_NULL;
  gc_ref probe = gc_array_load(w->m, probes, thing);
  return gc_is_null(probe) ? GC_NULL : gc_weak_get(w->m, probe);
}
