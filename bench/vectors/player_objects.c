/* player_objects.c -- objects of a script: what they are made of, and how paths lead through them.
 *
 * A list, a dict and a dnode keep their references in a part of their own (GC_NATURE_PART), which grows by being
 * replaced. What a reference is used for after an allocation, or after a store that may run a finalizer, is rooted. */
#include <stdlib.h>
#include <string.h>

#include "bench/vectors/player_world.h"

const struct gc_type PLAYER_(types)[] = {
    GC_TYPE(vnode, field, SCRIPT_FIELDS),
    {.name = "vfields", .size_bytes = sizeof(struct vfields), .refs_offset = offsetof(struct vfields, field),
     .refs_count = SCRIPT_FIELDS, .nature = GC_NATURE_PART},
    GC_TYPE(vdnode, fields, 2),
    GC_TYPE(vlist, items, 1),
    {.name = "vtuple", .size_bytes = sizeof(struct vlist), .refs_offset = offsetof(struct vlist, items),
     .refs_count = 1, .nature = GC_NATURE_IMMUTABLE},
    {.name = "vdict", .size_bytes = sizeof(struct vdict), .refs_offset = offsetof(struct vdict, values),
     .refs_count = 1, .nature = GC_NATURE_TABLE},
    {.name = "vitems", .kind = GC_KIND_REF_ARRAY, .nature = GC_NATURE_PART},
    GC_TYPE_LEAF(vleaf),
    {.name = "vweak", .kind = GC_KIND_WEAK, .size_bytes = sizeof(struct vweak),
     .refs_offset = offsetof(struct vweak, callee), .refs_count = 1},
};
const size_t PLAYER_(type_count) = sizeof PLAYER_(types) / sizeof PLAYER_(types)[0];

/* ---- numbers and names ---- */

uint64_t PLAYER_(thing_new)(struct world *w, const char *name, enum script_kind kind) {
  if (w->thing_count == w->thing_capacity) {
    w->thing_capacity = size_max(256, 2 * w->thing_capacity);
    w->things = realloc(w->things, w->thing_capacity * sizeof *w->things);
  }
  w->things[w->thing_count] = (struct thing){.name = name, .kind = kind, .alive = true};
  return w->thing_count++;
}

uint64_t PLAYER_(thing_of)(struct world *w, gc_ref object) {
  struct gc_mutator *m = w->m;
  if (gc_is_null(object))
    return THING_NONE;
  switch (object_type(object)) {
  case TYPE_vnode: return GC_DEREF(m, vnode, object)->thing;
  case TYPE_vdnode: return GC_DEREF(m, vdnode, object)->thing;
  case TYPE_vlist:
  case TYPE_vtuple: return GC_DEREF(m, vlist, object)->thing;
  case TYPE_vdict: return GC_DEREF(m, vdict, object)->thing;
  case TYPE_vleaf: return GC_DEREF(m, vleaf, object)->thing;
  case TYPE_vweak: return GC_DEREF(m, vweak, object)->thing;
  default: return THING_NONE;
  }
}

const char *PLAYER_(name_of)(struct world *w, gc_ref object) {
  return w->things[PLAYER_(thing_of)(w, object)].name;
}

const char *PLAYER_(one_name_of)(struct world *w, gc_ref object) {
  const char *name = PLAYER_(name_of)(w, object);
  return name ? name : "?";
}

gc_ref PLAYER_(thing_ref)(struct world *w, uint64_t thing) {
  if (!w->control)
    return PLAYER_(probed)(w, thing);
  const struct thing *t = &w->things[thing];
  bool dying = t->alive && w->control->references(w->m->heap, t->ref) == 0; /* its references may be gone already */
  return t->alive && !dying ? t->ref : GC_NULL;
}

/* ---- roots ---- */

gc_root *PLAYER_(try_root)(struct world *w, const char *name) {
  for (size_t i = ROOT_EXTRAS; i < w->root_count; i++)
    if (w->root_is_set[i] && strcmp(w->root_names[i], name) == 0)
      return &w->roots[i];
  return NULL;
}

gc_root *PLAYER_(find_root)(struct world *w, const char *name) {
  gc_root *root = PLAYER_(try_root)(w, name);
  if (!root)
    PLAYER_(refuse)(w, "there is no root %s", name);
  return root;
}

gc_root *PLAYER_(root)(struct world *w, const char *name) {
  gc_root *root = PLAYER_(try_root)(w, name);
  if (root)
    return root;
  size_t i = ROOT_EXTRAS;
  while (i < w->root_count && strcmp(w->root_names[i], name) != 0)
    i++;
  if (i == w->root_count)
    w->root_names[w->root_count++] = name;
  w->root_is_set[i] = true;
  return &w->roots[i];
}

void PLAYER_(set_root)(struct world *w, const char *name, gc_ref object) {
  gc_set(w->m, PLAYER_(root)(w, name), object);
}

/* The root is gone before what it held can die. */
void PLAYER_(drop_root)(struct world *w, const char *name) {
  gc_root *root = PLAYER_(try_root)(w, name);
  if (!root)
    return;
  w->root_is_set[root - w->roots] = false;
  gc_set(w->m, root, GC_NULL);
}

/* ---- parts ---- */

gc_ref PLAYER_(items_new)(struct gc_mutator *m, uint64_t capacity) {
  gc_ref items = gc_alloc(m, TYPE_vitems, sizeof(struct gc_array) + capacity * sizeof(gc_field));
  GC_PUT(m, items, gc_array, length, capacity);
  return items;
}

static uint64_t capacity_of(struct gc_mutator *m, gc_ref items) {
  return gc_is_null(items) ? 0 : gc_array_length(m, items);
}

/* Room for one more element. */
static void grow_list(struct gc_mutator *m, const gc_root *list) {
  gc_ref old = GC_LOAD(m, gc_get(m, list), vlist, items);
  uint64_t capacity = capacity_of(m, old), count = GC_DEREF(m, vlist, gc_get(m, list))->count;
  if (count < capacity)
    return;
  gc_ref items = PLAYER_(items_new)(m, size_max(4, 2 * capacity));
  old = GC_LOAD(m, gc_get(m, list), vlist, items);
  if (count)
    gc_copy_fields(m, items, gc_array_slot(m, items, 0), old, gc_array_slot(m, old, 0), count);
  GC_STORE(m, gc_get(m, list), vlist, items, items);
}

void PLAYER_(append)(struct world *w, const gc_root *list, const gc_root *value, uint64_t count) {
  struct gc_mutator *m = w->m;
  if (object_type(gc_get(m, list)) != TYPE_vlist) {
    PLAYER_(refuse)(w, "%s: only a list can be appended to", w->op->text);
    return;
  }
  for (uint64_t i = 0; i < count; i++) {
    grow_list(m, list);
    gc_ref object = gc_get(m, list);
    uint64_t at = GC_DEREF(m, vlist, object)->count;
    GC_PUT(m, object, vlist, count, at + 1);
    gc_array_store(m, GC_LOAD(m, object, vlist, items), at, gc_get(m, value));
  }
}

/* The list is empty before its elements die. */
void PLAYER_(clear_list)(struct world *w, const gc_root *list) {
  struct gc_mutator *m = w->m;
  GC_ROOTS(m, r, items);
  gc_ref object = gc_get(m, list);
  gc_set(m, &r.items, GC_LOAD(m, object, vlist, items));
  GC_PUT(m, object, vlist, count, 0);
  GC_STORE(m, object, vlist, items, GC_NULL);
  gc_frame_pop(m, &r.frame);
}

void PLAYER_(reserve_keys)(struct world *w, uint64_t thing, uint64_t count) {
  struct thing *t = &w->things[thing];
  if (count <= t->key_capacity)
    return;
  uint64_t capacity = size_max(8, 2 * count);
  t->keys = realloc(t->keys, capacity * sizeof *t->keys);
  t->key_things = realloc(t->key_things, capacity * sizeof *t->key_things);
  for (uint64_t i = t->key_capacity; i < capacity; i++) {
    t->keys[i] = NULL;
    t->key_things[i] = THING_NONE;
  }
  t->key_capacity = capacity;
}

/* ---- dicts: value i is at the end of the part but i ---- */

gc_field *PLAYER_(dict_slot)(struct gc_mutator *m, gc_ref values, uint64_t i) {
  return gc_array_slot(m, values, gc_array_length(m, values) - 1 - i);
}

/* The number of the key's value; the number of values if there is none. */
static uint64_t dict_find(struct world *w, gc_ref dict, const char *key) {
  const struct thing *t = &w->things[GC_DEREF(w->m, vdict, dict)->thing];
  uint64_t count = GC_DEREF(w->m, vdict, dict)->count, i = 0;
  while (i < count && (!t->keys[i] || strcmp(t->keys[i], key) != 0))
    i++;
  return i;
}

/* Room for one more value; those deleted are left out. */
static void grow_dict(struct world *w, const gc_root *dict) {
  struct gc_mutator *m = w->m;
  gc_ref old = GC_LOAD(m, gc_get(m, dict), vdict, values);
  uint64_t capacity = capacity_of(m, old), count = GC_DEREF(m, vdict, gc_get(m, dict))->count, kept = 0;
  if (count < capacity)
    return;
  gc_ref values = PLAYER_(items_new)(m, size_max(8, 2 * capacity));
  old = GC_LOAD(m, gc_get(m, dict), vdict, values);
  const char **keys = w->things[GC_DEREF(m, vdict, gc_get(m, dict))->thing].keys;
  for (uint64_t i = 0; i < count; i++)
    if (keys[i]) {
      gc_store(m, values, PLAYER_(dict_slot)(m, values, kept), gc_load(m, old, PLAYER_(dict_slot)(m, old, i)));
      keys[kept++] = keys[i];
    }
  GC_PUT(m, gc_get(m, dict), vdict, count, kept);
  GC_STORE(m, gc_get(m, dict), vdict, values, values);
}

void PLAYER_(list_table)(struct world *w, gc_ref table, gc_ref value) {
  if (w->control && w->control->may_be_listed(w->m->heap, value))
    w->control->list(w->m->heap, table);
}

static void dict_set(struct world *w, const gc_root *dict, const char *key, const gc_root *value) {
  struct gc_mutator *m = w->m;
  uint64_t at = dict_find(w, gc_get(m, dict), key);
  if (at == GC_DEREF(m, vdict, gc_get(m, dict))->count) {
    grow_dict(w, dict);
    at = GC_DEREF(m, vdict, gc_get(m, dict))->count;
    uint64_t thing = GC_DEREF(m, vdict, gc_get(m, dict))->thing;
    PLAYER_(reserve_keys)(w, thing, at + 1);
    w->things[thing].keys[at] = key;
    GC_PUT(m, gc_get(m, dict), vdict, count, at + 1);
  }
  PLAYER_(list_table)(w, gc_get(m, dict), gc_get(m, value));
  gc_ref values = GC_LOAD(m, gc_get(m, dict), vdict, values);
  gc_store(m, values, PLAYER_(dict_slot)(m, values, at), gc_get(m, value));
}

static void dict_unset(struct world *w, gc_ref dict, const char *key) {
  struct gc_mutator *m = w->m;
  uint64_t at = dict_find(w, dict, key);
  if (at == GC_DEREF(m, vdict, dict)->count) {
    PLAYER_(refuse)(w, "%s: there is no key %s", w->op->text, key);
    return;
  }
  w->things[GC_DEREF(m, vdict, dict)->thing].keys[at] = NULL;
  gc_ref values = GC_LOAD(m, dict, vdict, values);
  gc_store(m, values, PLAYER_(dict_slot)(m, values, at), GC_NULL);
}

static gc_ref dict_get(struct world *w, gc_ref dict, const char *key) {
  struct gc_mutator *m = w->m;
  uint64_t at = dict_find(w, dict, key);
  if (at == GC_DEREF(m, vdict, dict)->count)
    return GC_NULL;
  gc_ref values = GC_LOAD(m, dict, vdict, values);
  return gc_load(m, values, PLAYER_(dict_slot)(m, values, at));
}

/* ---- fields ---- */

/* Where a dnode's fields are: in the object, or in its dict. */
static gc_ref dnode_fields(struct gc_mutator *m, gc_ref dnode) {
  gc_ref dict = GC_LOAD(m, dnode, vdnode, dict);
  return gc_is_null(dict) ? GC_LOAD(m, dnode, vdnode, fields) : GC_LOAD(m, dict, vdict, values);
}

void PLAYER_(make_dict)(struct world *w, const gc_root *dnode) {
  struct gc_mutator *m = w->m;
  if (object_type(gc_get(m, dnode)) != TYPE_vdnode) {
    PLAYER_(refuse)(w, "%s: only a dnode has a dict to be made", w->op->text);
    return;
  }
  if (!gc_is_null(GC_LOAD(m, gc_get(m, dnode), vdnode, dict)))
    return;
  gc_ref dict = GC_NEW(m, vdict);
  gc_ref fields = GC_LOAD(m, gc_get(m, dnode), vdnode, fields);
  for (unsigned i = 0; i < SCRIPT_FIELDS; i++) {
    gc_ref value = gc_load(m, fields, *GC_FIELD(m, fields, vfields, field) + i);
    if (!gc_is_null(value))
      PLAYER_(list_table)(w, dict, value);
  }
  GC_STORE(m, dict, vdict, values, fields);
  GC_STORE(m, gc_get(m, dnode), vdnode, dict, dict);
  GC_STORE(m, gc_get(m, dnode), vdnode, fields, GC_NULL);
}

/* The field of a node or dnode, and in *holder what it is in; NULL if the object has none. */
static gc_field *field_of(struct gc_mutator *m, gc_ref object, int field, gc_ref *holder) {
  uint32_t type = object_type(object);
  if (field < 0 || (type != TYPE_vnode && type != TYPE_vdnode))
    return NULL;
  *holder = type == TYPE_vnode ? object : dnode_fields(m, object);
  if (type == TYPE_vnode)
    return *GC_FIELD(m, *holder, vnode, field) + field;
  return *GC_FIELD(m, *holder, vfields, field) + field;
}

static gc_ref element(struct world *w, gc_ref list, int64_t index) {
  struct gc_mutator *m = w->m;
  if (index < 0 || (uint64_t)index >= GC_DEREF(m, vlist, list)->count)
    return GC_NULL;
  return gc_array_load(m, GC_LOAD(m, list, vlist, items), (uint64_t)index);
}

gc_ref PLAYER_(get_field)(struct world *w, gc_ref object, const struct script_step *step) {
  gc_ref holder;
  uint32_t type = object_type(object);
  if (type == TYPE_vlist || type == TYPE_vtuple)
    return element(w, object, step->index);
  if (type == TYPE_vdict)
    return dict_get(w, object, step->word);
  gc_field *field = field_of(w->m, object, step->field, &holder);
  return field ? gc_load(w->m, holder, field) : GC_NULL;
}

void PLAYER_(set_field)(struct world *w, const gc_root *holder, const struct script_step *step, const gc_root *value) {
  struct gc_mutator *m = w->m;
  gc_ref object = gc_get(m, holder), inner;
  if (object_type(object) == TYPE_vdict) {
    dict_set(w, holder, step->word, value);
    return;
  }
  gc_field *field = field_of(m, object, step->field, &inner);
  if (!field) {
    PLAYER_(refuse)(w, "%s: there is no field %s", w->op->text, step->word);
    return;
  }
  if (object_type(object) == TYPE_vdnode && !gc_is_null(GC_LOAD(m, object, vdnode, dict)))
    PLAYER_(list_table)(w, GC_LOAD(m, object, vdnode, dict), gc_get(m, value));
  gc_store(m, inner, field, gc_get(m, value));
}

void PLAYER_(unset_field)(struct world *w, const gc_root *holder, const struct script_step *step) {
  struct gc_mutator *m = w->m;
  gc_ref object = gc_get(m, holder), inner;
  gc_field *field = field_of(m, object, step->field, &inner);
  if (object_type(object) == TYPE_vdict)
    dict_unset(w, object, step->word);
  else if (field)
    gc_store(m, inner, field, GC_NULL);
  else
    PLAYER_(refuse)(w, "%s: there is no field %s", w->op->text, step->word);
}

bool PLAYER_(next_reference)(struct world *w, gc_ref object, uint64_t i, gc_ref *value) {
  struct gc_mutator *m = w->m;
  struct script_step step = {.word = "", .field = (int)i, .index = (int64_t)i};
  switch (object_type(object)) {
  case TYPE_vnode:
  case TYPE_vdnode:
    if (i >= SCRIPT_FIELDS)
      return false;
    step.index = -1;
    break;
  case TYPE_vlist:
  case TYPE_vtuple:
    if (i >= GC_DEREF(m, vlist, object)->count)
      return false;
    break;
  case TYPE_vdict:
    if (i >= GC_DEREF(m, vdict, object)->count)
      return false;
    *value = GC_LOAD(m, object, vdict, values);
    *value = gc_load(m, *value, PLAYER_(dict_slot)(m, *value, i));
    return true;
  case TYPE_vweak: *value = i ? GC_NULL : GC_LOAD(m, object, vweak, callee); return i == 0;
  default: return false;
  }
  *value = PLAYER_(get_field)(w, object, &step);
  return true;
}

/* ---- paths ---- */

static gc_ref walk(struct world *w, const struct script_path *path, unsigned steps) {
  gc_root *root = PLAYER_(find_root)(w, path->root);
  if (!root)
    return GC_NULL;
  gc_ref object = gc_get(w->m, root);
  for (unsigned i = 0; i < steps; i++) {
    object = PLAYER_(get_field)(w, object, &path->steps[i]);
    if (gc_is_null(object)) {
      PLAYER_(refuse)(w, "%s: %s is null", w->op->text, path->steps[i].word);
      return GC_NULL;
    }
  }
  return object;
}

gc_ref PLAYER_(resolve)(struct world *w, const struct script_path *path) { return walk(w, path, path->step_count); }

gc_ref PLAYER_(resolve_holder)(struct world *w, const struct script_path *path, const struct script_step **last) {
  *last = &path->steps[path->step_count - 1];
  return walk(w, path, path->step_count - 1);
}

/* ---- making ---- */

static gc_ref dnode_new(struct gc_mutator *m) {
  GC_ROOTS(m, r, fields);
  gc_set(m, &r.fields, GC_NEW(m, vfields));
  gc_ref dnode = GC_NEW(m, vdnode);
  GC_INIT(m, dnode, vdnode, fields, gc_get(m, &r.fields));
  gc_frame_pop(m, &r.frame);
  return dnode;
}

static gc_ref object_new(struct world *w, enum script_kind kind, uint64_t thing) {
  struct gc_mutator *m = w->m;
  gc_ref object;
  switch (kind) {
  case KIND_dnode:
    object = dnode_new(m);
    GC_PUT(m, object, vdnode, thing, thing);
    break;
  case KIND_list:
    object = GC_NEW(m, vlist);
    GC_PUT(m, object, vlist, thing, thing);
    break;
  case KIND_dict:
    object = GC_NEW(m, vdict);
    GC_PUT(m, object, vdict, thing, thing);
    break;
  case KIND_leaf:
    object = GC_NEW(m, vleaf);
    GC_PUT(m, object, vleaf, thing, thing);
    break;
  default:
    object = GC_NEW(m, vnode);
    GC_PUT(m, object, vnode, thing, thing);
    if (kind == KIND_fnode || kind == KIND_lnode)
      PLAYER_(attach_finalizer)(w, object, kind);
  }
  return object;
}

/* From now on the object is found by its number. */
static gc_ref enter(struct world *w, uint64_t thing, gc_ref object) {
  struct gc_mutator *m = w->m;
  if (w->control) {
    w->things[thing].ref = object;
    return object;
  }
  GC_ROOTS(m, r, object);
  gc_set(m, &r.object, object);
  PLAYER_(probe)(w, thing, &r.object);
  object = gc_get(m, &r.object);
  gc_frame_pop(m, &r.frame);
  return object;
}

gc_ref PLAYER_(make)(struct world *w, enum script_kind kind, const char *name, bool member) {
  uint64_t thing = PLAYER_(thing_new)(w, name, kind);
  w->things[thing].member = member;
  return enter(w, thing, object_new(w, kind, thing));
}

gc_ref PLAYER_(make_tuple)(struct world *w, const char *name, const struct script_path *paths, unsigned count) {
  struct gc_mutator *m = w->m;
  uint64_t thing = PLAYER_(thing_new)(w, name, KIND_list);
  GC_ROOTS(m, r, items);
  gc_set(m, &r.items, PLAYER_(items_new)(m, size_max(1, count)));
  for (unsigned i = 0; i < count && !world_failed(w); i++) {
    gc_ref value = PLAYER_(resolve)(w, &paths[i]);
    gc_array_store(m, gc_get(m, &r.items), i, value);
  }
  gc_ref tuple = gc_alloc(m, TYPE_vtuple, sizeof(struct vlist));
  GC_PUT(m, tuple, vlist, thing, thing);
  GC_PUT(m, tuple, vlist, count, count);
  GC_INIT(m, tuple, vlist, items, gc_get(m, &r.items));
  gc_frame_pop(m, &r.frame);
  return enter(w, thing, tuple);
}

/* At the end of a chain whose head is a root: so every collection meets the nodes in the order in which they were
 * made. */
void PLAYER_(keep_node)(struct world *w) {
  struct gc_mutator *m = w->m;
  gc_ref node = GC_NEW(m, vnode), last = gc_get(m, &w->roots[ROOT_KEPT_LAST]);
  if (gc_is_null(last))
    gc_set(m, &w->roots[ROOT_KEPT_FIRST], node);
  else
    gc_store(m, last, *GC_FIELD(m, last, vnode, field), node);
  gc_set(m, &w->roots[ROOT_KEPT_LAST], node);
}
