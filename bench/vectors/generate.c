#include "bench/vectors/generate.h"

#include <stdarg.h>
#include <string.h>

#include "bench/vectors/graph.h"
#include "runtime/base/compiler.h"
#include "runtime/base/rng.h"

enum { PATH_BYTES = 96, OPS_MIN = 10, OPS_SPREAD = 45, SMALL_GROUP = 12, LONG_CHAIN = 3000, OBJECTS_FIRST = 6 };

#define BIT(kind) (1u << (kind))
enum {
  WEAKREFABLE = BIT(KIND_node) | BIT(KIND_fnode) | BIT(KIND_cnode) | BIT(KIND_lnode) | BIT(KIND_dnode),
  WITH_PLACES = WEAKREFABLE | BIT(KIND_dict),
  EVERY_KIND = BIT(GRAPH_ANY + 1) - 1,
};

/* Names: o1… objects, a1… other roots of them, g1… groups, w1… weak references; d1… roots that finalizers drop, r1…
 * that they put objects into, v1… that they put weak references into; t1… weak-value, m1… weak-key dictionaries. */
enum { ANCHORS = 3, RESURRECTED = 3, SELF_WEAK = 2 };

struct maker {
  FILE *out;
  uint64_t seed;
  struct graph graph;
  int objects, groups, weakrefs, tables; /* made so far */
  char group_names[64][GRAPH_NAME_BYTES];
  bool graph_only;
  bool weak_dictionaries, unfrozen, prepared; /* prepared: r1… and v1… are there */
  struct {
    char name[GRAPH_NAME_BYTES];
    bool by_key, exists;
  } dictionaries[8];
};

static uint64_t draw(struct maker *m, uint64_t bound) { return rng_below(&m->seed, bound); }
static bool chance(struct maker *m, unsigned percent) { return draw(m, 100) < percent; }

static void GC_PRINTF(2, 3) say(struct maker *m, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(m->out, format, arguments);
  va_end(arguments);
  fputc('\n', m->out);
}

static bool pick(struct maker *m, unsigned kinds, char path[PATH_BYTES], int *object) {
  return graph_pick(&m->graph, kinds, &m->seed, path, PATH_BYTES, object);
}

static struct graph_object *at(struct maker *m, int object) { return &m->graph.objects[object]; }

/* ---- objects and edges ---- */

static const enum script_kind kind_weights[] = {KIND_node,  KIND_node,  KIND_fnode, KIND_fnode, KIND_fnode, KIND_cnode,
                                                KIND_lnode, KIND_dnode, KIND_list,  KIND_list,  KIND_dict,  KIND_leaf};

static int random_kind(struct maker *m) {
  int kind = kind_weights[draw(m, sizeof kind_weights / sizeof kind_weights[0])];
  return kind == KIND_lnode && m->graph_only ? KIND_node : kind;
}

/* Adds an object of that name, with a root of the same name. */
static int add_object(struct maker *m, const char *name, int kind) {
  int object = graph_add(&m->graph, name, kind);
  return object != GRAPH_NONE && graph_set_root(&m->graph, name, object) ? object : GRAPH_NONE;
}

static void make_new(struct maker *m) {
  char name[GRAPH_NAME_BYTES];
  int kind = random_kind(m);
  snprintf(name, sizeof name, "o%d", ++m->objects);
  if (add_object(m, name, kind) != GRAPH_NONE)
    say(m, "new %s %s", name, script_kind_name((enum script_kind)kind));
}

static void make_tuple(struct maker *m) {
  char name[GRAPH_NAME_BYTES], path[PATH_BYTES], line[4 * PATH_BYTES] = "";
  int elements[3], count = 0;
  for (unsigned i = 0, wanted = 1 + (unsigned)draw(m, 3); i < wanted; i++)
    if (pick(m, EVERY_KIND, path, &elements[count])) {
      count++;
      strcat(strcat(line, " "), path);
    }
  snprintf(name, sizeof name, "o%d", ++m->objects);
  int tuple = count ? add_object(m, name, GRAPH_TUPLE) : GRAPH_NONE;
  if (tuple == GRAPH_NONE)
    return;
  memcpy(at(m, tuple)->elements, elements, sizeof elements);
  at(m, tuple)->element_count = count;
  say(m, "tuple %s%s", name, line);
}

static void make_alias(struct maker *m) {
  char path[PATH_BYTES], name[GRAPH_NAME_BYTES];
  int object;
  snprintf(name, sizeof name, "a%d", ++m->objects);
  if (pick(m, EVERY_KIND, path, &object) && graph_set_root(&m->graph, name, object))
    say(m, "alias %s %s", name, path);
}

/* A root that a finalizer may put objects into stays: what is there is let go by an alias in its place. */
static void drop(struct maker *m) {
  char path[PATH_BYTES];
  int object;
  if (m->graph.root_count < 2)
    return;
  const char *name = m->graph.roots[draw(m, (uint64_t)m->graph.root_count)].name;
  char root[GRAPH_NAME_BYTES];
  strcpy(root, name);
  if (*root != 'r' && *root != 'v') {
    graph_forget_root(&m->graph, root);
    say(m, "drop %s", root);
  } else if (pick(m, EVERY_KIND & ~BIT(GRAPH_ANY), path, &object)) {
    say(m, "alias %s %s", root, path);
  }
}

static void set(struct maker *m) {
  char holder[PATH_BYTES], path[PATH_BYTES];
  int to, value;
  if (!pick(m, WITH_PLACES, holder, &to) || !pick(m, EVERY_KIND, path, &value))
    return;
  int field = (int)draw(m, SCRIPT_FIELDS);
  if (at(m, to)->fields[field] != GRAPH_UNKNOWN)
    at(m, to)->fields[field] = value;
  say(m, "set %s.%s %s", holder, script_fields[field], path);
}

static void unset(struct maker *m) {
  char holder[PATH_BYTES];
  int from;
  if (!pick(m, WITH_PLACES, holder, &from))
    return;
  for (int f = 0; f < SCRIPT_FIELDS; f++)
    if (at(m, from)->fields[f] >= 0 && chance(m, 60)) {
      at(m, from)->fields[f] = GRAPH_NONE;
      say(m, "unset %s.%s", holder, script_fields[f]);
      return;
    }
}

static void make_dict(struct maker *m) {
  char path[PATH_BYTES];
  int object;
  if (pick(m, BIT(KIND_dnode), path, &object))
    say(m, "mkdict %s", path);
}

static void append(struct maker *m) {
  char list[PATH_BYTES], path[PATH_BYTES];
  int to, value, count = chance(m, 70) ? 1 : 1 + (int)draw(m, 4);
  if (!pick(m, BIT(KIND_list), list, &to) || !pick(m, EVERY_KIND, path, &value) ||
      at(m, to)->element_count + count > GRAPH_ELEMENTS)
    return;
  for (int i = 0; i < count; i++)
    at(m, to)->elements[at(m, to)->element_count++] = value;
  if (count == 1 && chance(m, 50))
    say(m, "append %s %s", list, path);
  else
    say(m, "append %s %s %d", list, path, count);
}

static void clear_list(struct maker *m) {
  char list[PATH_BYTES];
  int object;
  if (!pick(m, BIT(KIND_list), list, &object))
    return;
  at(m, object)->element_count = 0;
  say(m, "clearlist %s", list);
}

/* ---- groups ---- */

static const char *new_group(struct maker *m) {
  char *name = m->group_names[m->groups % 64];
  snprintf(name, GRAPH_NAME_BYTES, "g%d", ++m->groups);
  return name;
}

static void fill(struct maker *m) {
  char list[PATH_BYTES];
  int to, count = 1 + (int)draw(m, SMALL_GROUP), kind = random_kind(m);
  if (!pick(m, BIT(KIND_list), list, &to) || at(m, to)->element_count + count > GRAPH_ELEMENTS ||
      m->graph.object_count + count > GRAPH_OBJECTS)
    return;
  const char *name = new_group(m);
  for (int i = 0; i < count; i++)
    at(m, to)->elements[at(m, to)->element_count++] = graph_add(&m->graph, name, kind);
  say(m, "fill %s %s %s %d", list, name, script_kind_name((enum script_kind)kind), count);
}

static void link_members(struct maker *m, int from, int to) {
  enum { NEXT = 8 }; /* in script_fields */
  if (at(m, from)->kind == KIND_list)
    at(m, from)->elements[at(m, from)->element_count++] = to;
  else
    at(m, from)->fields[NEXT] = to;
}

static void make_chain(struct maker *m) {
  static const enum script_kind kinds[] = {KIND_node, KIND_fnode, KIND_dnode, KIND_cnode, KIND_list};
  int kind = kinds[draw(m, sizeof kinds / sizeof kinds[0])], count = 1 + (int)draw(m, SMALL_GROUP);
  bool ring = chance(m, 50);
  if (m->graph.object_count + count > GRAPH_OBJECTS || m->graph.root_count == GRAPH_ROOTS)
    return;
  const char *name = new_group(m);
  int first = m->graph.object_count;
  for (int i = 0; i < count; i++)
    graph_add(&m->graph, name, kind);
  for (int i = 0; i + 1 < count; i++)
    link_members(m, first + i, first + i + 1);
  if (ring)
    link_members(m, first + count - 1, first);
  graph_set_root(&m->graph, name, first);
  say(m, "%s %s %s %d", ring ? "ring" : "chain", name, script_kind_name((enum script_kind)kind), count);
}

static void make_complete(struct maker *m) {
  int count = 2 + (int)draw(m, 5), first = m->graph.object_count;
  if (first + count > GRAPH_OBJECTS || m->graph.root_count == GRAPH_ROOTS)
    return;
  const char *name = new_group(m);
  for (int i = 0; i < count; i++)
    graph_add(&m->graph, name, KIND_list);
  for (int i = 0; i < count; i++)
    for (int j = 0; j < count; j++)
      if (i != j)
        link_members(m, first + i, first + j);
  graph_set_root(&m->graph, name, first);
  say(m, "complete %s %d", name, count);
}

/* Of its own members alone, made and dropped at once, so that no path leads into it. */
static void make_long_chain(struct maker *m) {
  static const enum script_kind kinds[] = {KIND_node, KIND_fnode, KIND_list};
  int kind = kinds[draw(m, 3)], count = 60 + (int)draw(m, LONG_CHAIN);
  const char *name = new_group(m);
  if (kind == KIND_fnode)
    say(m, "act %s quiet", name);
  bool ring = chance(m, 30);
  say(m, "%s %s %s %d", ring ? "ring" : "chain", name, script_kind_name((enum script_kind)kind), count);
  say(m, "drop %s", name);
  say(m, "population %s => ?", name);
  if (ring)
    say(m, "collect 2 => ?");
  say(m, "fincount %s => ?", name);
}

/* ---- weak references and weak dictionaries ---- */

static void make_weakref(struct maker *m) {
  char name[GRAPH_NAME_BYTES], target[PATH_BYTES], callback[PATH_BYTES];
  int object;
  snprintf(name, sizeof name, "w%d", m->weakrefs + 1);
  if (!pick(m, WEAKREFABLE, target, &object))
    return;
  unsigned how = m->graph_only ? 0 : (unsigned)draw(m, 4);
  if (how == 3 && !pick(m, BIT(KIND_cnode), callback, &object))
    how = 1;
  if (add_object(m, name, GRAPH_WEAKREF) == GRAPH_NONE)
    return;
  m->weakrefs++;
  if (how == 3)
    say(m, "weakref %s %s call %s", name, target, callback);
  else
    say(m, "weakref %s %s%s", name, target, how ? " cb" : "");
}

static void make_shared_weakref(struct maker *m) {
  char name[GRAPH_NAME_BYTES], target[PATH_BYTES];
  int object;
  snprintf(name, sizeof name, "w%d", ++m->weakrefs);
  if (pick(m, WEAKREFABLE, target, &object) && add_object(m, name, GRAPH_WEAKREF) != GRAPH_NONE)
    say(m, "sharedweakref %s %s", name, target);
}

static void make_dictionary(struct maker *m) {
  if (!m->weak_dictionaries || m->tables == 8)
    return;
  int i = m->tables++;
  bool by_key = m->dictionaries[i].by_key = chance(m, 50);
  snprintf(m->dictionaries[i].name, GRAPH_NAME_BYTES, "%c%d", by_key ? 'm' : 't', i + 1);
  m->dictionaries[i].exists = true;
  say(m, "%s %s", by_key ? "wkd" : "wvd", m->dictionaries[i].name);
}

/* A root that holds something of these kinds. */
static const char *pick_root(struct maker *m, unsigned kinds) {
  for (int tries = 0; m->graph.root_count && tries < 20; tries++) {
    const struct graph_root *root = &m->graph.roots[draw(m, (uint64_t)m->graph.root_count)];
    if (kinds & BIT(at(m, root->object)->kind))
      return root->name;
  }
  return NULL;
}

static void use_dictionary(struct maker *m) {
  static const char *const words[] = {"k1", "k2", "k3"};
  char path[PATH_BYTES];
  int i = m->tables ? (int)draw(m, (uint64_t)m->tables) : 0, object;
  const char *name = m->dictionaries[i].name;
  if (!m->dictionaries[i].exists)
    return;
  bool by_key = m->dictionaries[i].by_key;
  const char *key = by_key ? pick_root(m, WEAKREFABLE) : words[draw(m, 3)];
  switch (draw(m, 9)) {
  case 0: say(m, "len %s => ?", name); break;
  case 1: say(m, "keys %s => ?", name); break;
  case 2:
    if (key)
      say(m, "get %s %s => ?", name, key);
    break;
  case 3:
    if (chance(m, 20)) {
      m->dictionaries[i].exists = false;
      say(m, "drop %s", name);
    }
    break;
  default:
    if (key && pick(m, by_key ? EVERY_KIND : WEAKREFABLE, path, &object))
      say(m, "put %s %s %s", name, key, path);
  }
}

/* ---- finalizers and callbacks ---- */

/* The roots that finalizers put something into must be there before anything asks for them. */
static void prepare_roots(struct maker *m) {
  char name[GRAPH_NAME_BYTES];
  if (m->prepared)
    return;
  m->prepared = true;
  for (int i = 1; i <= RESURRECTED + SELF_WEAK; i++) {
    bool weak = i > RESURRECTED;
    snprintf(name, sizeof name, "%c%d", weak ? 'v' : 'r', weak ? i - RESURRECTED : i);
    say(m, "new %s leaf", name);
    add_object(m, name, GRAPH_ANY);
  }
}

static void make_anchor(struct maker *m) {
  char path[PATH_BYTES];
  int object;
  if (pick(m, EVERY_KIND, path, &object))
    say(m, "alias d%d %s", 1 + (int)draw(m, ANCHORS), path);
}

/* One action of an object, or of a callback without fields (object < 0). */
static void make_action(struct maker *m, int object, char *text, size_t text_bytes) {
  bool has_fields = object >= 0;
  int w = m->weakrefs ? 1 + (int)draw(m, (uint64_t)m->weakrefs) : 1, field = (int)draw(m, SCRIPT_FIELDS);
  switch (draw(m, 11)) {
  case 0: snprintf(text, text_bytes, "resurrect r%d", 1 + (int)draw(m, RESURRECTED)); break;
  case 1: snprintf(text, text_bytes, "drop d%d", 1 + (int)draw(m, ANCHORS)); break;
  case 2:
  case 3: snprintf(text, text_bytes, "see %s", script_fields[field]); break;
  case 4: snprintf(text, text_bytes, "peek w%d", w); break;
  case 5: snprintf(text, text_bytes, "take w%d r%d", w, 1 + (int)draw(m, RESURRECTED)); break;
  case 6: snprintf(text, text_bytes, "collect %d", (int)draw(m, 3)); break;
  case 7: snprintf(text, text_bytes, "alloc %d", (int)draw(m, 30)); break;
  case 8: snprintf(text, text_bytes, "weak v%d", 1 + (int)draw(m, SELF_WEAK)); break;
  case 9: snprintf(text, text_bytes, "quiet"); break;
  default: snprintf(text, text_bytes, "unset %s", script_fields[field]);
  }
  bool needs_fields = strncmp(text, "see", 3) == 0 || strncmp(text, "unset", 5) == 0 || strncmp(text, "weak", 4) == 0;
  if (needs_fields && !has_fields)
    snprintf(text, text_bytes, "peek w%d", w);
}

/* What a finalizer unsets is unknown from now on, in every object of that name. */
static void taint(struct maker *m, const char *name, const char *action) {
  for (int f = 0; strncmp(action, "unset ", 6) == 0 && f < SCRIPT_FIELDS; f++)
    for (int i = 0; strcmp(script_fields[f], action + 6) == 0 && i < m->graph.object_count; i++)
      if (strcmp(at(m, i)->name, name) == 0)
        at(m, i)->fields[f] = GRAPH_UNKNOWN;
}

static void make_act(struct maker *m) {
  enum { ACTIONS_MAX = 3 };
  char path[PATH_BYTES], action[48], line[ACTIONS_MAX * 52] = "";
  int object;
  prepare_roots(m);
  bool callback = m->weakrefs && chance(m, 25);
  if (!callback && !pick(m, BIT(KIND_fnode) | BIT(KIND_cnode) | BIT(KIND_lnode), path, &object))
    return;
  char weakref[GRAPH_NAME_BYTES];
  snprintf(weakref, sizeof weakref, "w%d", 1 + (int)draw(m, (uint64_t)(m->weakrefs ? m->weakrefs : 1)));
  const char *name = callback ? weakref : at(m, object)->name;
  for (unsigned i = 0, count = 1 + (unsigned)draw(m, ACTIONS_MAX - 1); i < count; i++) {
    make_action(m, callback ? -1 : object, action, sizeof action);
    strcat(strcat(line, *line ? "; " : " "), action);
    taint(m, name, action);
  }
  if (chance(m, 15))
    strcat(line, "; raise");
  say(m, "act %s%s", name, line);
}

/* ---- queries ---- */

static void query_object(struct maker *m) {
  static const char *const queries[] = {"refcount", "tracked", "finalized", "referrers", "referents", "wrcount"};
  char path[PATH_BYTES], other[PATH_BYTES];
  int object;
  unsigned which = (unsigned)draw(m, 10);
  bool untracked_too = which != 5 && !(which == 3 && m->graph_only); /* what is tracked is CPython's own affair */
  if (which > 7 && pick(m, BIT(GRAPH_WEAKREF), path, &object))
    say(m, "wr %s => ?", path);
  else if (which > 5 && pick(m, EVERY_KIND, path, &object) && pick(m, EVERY_KIND, other, &object))
    say(m, "same %s %s => ?", path, other);
  else if (which < 6 && pick(m, untracked_too ? EVERY_KIND : WEAKREFABLE, path, &object))
    say(m, "%s %s => ?", queries[which], path);
}

static void query_world(struct maker *m) {
  static const char *const queries[] = {"live", "stats", "count12",      "frozen",    "log",
                                        "log",  "log",   "getthreshold", "isenabled", "garbage"};
  unsigned which = (unsigned)draw(m, 14);
  if (which < (m->graph_only ? 9 : 10))
    say(m, "%s => ?", queries[which]);
  else if (which == 10)
    say(m, "logset => ?");
  else if (which == 11)
    say(m, "gen %d => ?", (int)draw(m, 3));
  else if (m->groups && which == 12)
    say(m, "population %s => ?", m->group_names[draw(m, (uint64_t)(m->groups < 64 ? m->groups : 64))]);
  else if (m->objects)
    say(m, "fincount o%d => ?", 1 + (int)draw(m, (uint64_t)m->objects));
}

static void collect(struct maker *m) { say(m, "collect %d => ?", chance(m, 50) ? 2 : (int)draw(m, 3)); }

/* ---- settings ---- */

static void set_threshold(struct maker *m) {
  static const int first[] = {0, 20, 50, 100, 700};
  int a = first[draw(m, 5)], b = 1 + (int)draw(m, 5), c = 1 + (int)draw(m, 5);
  switch (draw(m, 3)) {
  case 0: say(m, "threshold %d", a); break;
  case 1: say(m, "threshold %d %d", a, b); break;
  case 2: say(m, "threshold %d %d %d", a, b, c); break;
  }
}

static void allocate(struct maker *m) {
  static const char *const tails[] = {"", " sum", " until 0", " until 1", " until 2", " until 2 sum"};
  if (m->weak_dictionaries || m->unfrozen)
    return;
  if (chance(m, 40))
    set_threshold(m);
  bool on = chance(m, 50), enabled = chance(m, 80);
  if (!on && enabled)
    say(m, "enable");
  if (chance(m, 30))
    say(m, "isenabled => ?");
  say(m, "autoalloc %s %d fresh%s%s => ?", chance(m, 80) ? "keep" : "temp", 1 + (int)draw(m, 1500), on ? " on" : "",
      tails[draw(m, 6)]);
  say(m, "disable");
}

static void count_allocations(struct maker *m) {
  int allocated = (int)draw(m, 400);
  say(m, "allocfree %d %d => ?", allocated, (int)draw(m, (uint64_t)allocated + 1));
}

static void change_setting(struct maker *m) {
  static const char *const words[] = {"none", "none", "saveall", "leak"};
  switch (draw(m, 6)) {
  case 0: say(m, "freeze"); break;
  case 1:
    m->unfrozen = true;
    say(m, "unfreeze");
    break;
  case 2: say(m, "debug %s", words[draw(m, 4)]); break;
  case 3: say(m, "cleargarbage"); break;
  case 4: say(m, "gccallbacks"); break;
  case 5: set_threshold(m); break;
  }
}

/* ---- the whole ---- */

static const struct choice {
  void (*make)(struct maker *m);
  unsigned weight;
  bool counts; /* not of the graph alone */
} choices[] = {
    {make_new, 22, false},
    {make_tuple, 4, false},
    {make_alias, 4, false},
    {drop, 18, false},
    {set, 30, false},
    {unset, 6, false},
    {make_dict, 3, false},
    {append, 8, false},
    {clear_list, 2, false},
    {fill, 2, false},
    {make_chain, 4, false},
    {make_complete, 1, false},
    {make_long_chain, 1, false},
    {make_weakref, 10, false},
    {make_shared_weakref, 3, false},
    {make_dictionary, 4, false},
    {use_dictionary, 9, false},
    {make_anchor, 4, true},
    {make_act, 12, true},
    {query_object, 12, false},
    {query_world, 10, false},
    {collect, 12, false},
    {allocate, 3, true},
    {count_allocations, 1, true},
    {change_setting, 2, true},
};
enum { CHOICES = sizeof choices / sizeof choices[0] };

static void make_something(struct maker *m) {
  unsigned total = 0;
  for (unsigned i = 0; i < CHOICES; i++)
    total += choices[i].counts && m->graph_only ? 0 : choices[i].weight;
  uint64_t drawn = draw(m, total);
  for (unsigned i = 0; i < CHOICES; i++) {
    if (choices[i].counts && m->graph_only)
      continue;
    if (drawn < choices[i].weight) {
      choices[i].make(m);
      return;
    }
    drawn -= choices[i].weight;
  }
}

/* The end: every certain root goes, then all dictionaries, and what is left is told. */
static void finish(struct maker *m) {
  say(m, "log => ?\nlive => ?");
  fprintf(m->out, "drop");
  for (int i = 0; i < m->graph.root_count; i++)
    fprintf(m->out, " %s", m->graph.roots[i].name);
  for (int i = 0; i < m->tables; i++)
    if (m->dictionaries[i].exists)
      fprintf(m->out, " %s", m->dictionaries[i].name);
  say(m, "\nlog => ?\nlive => ?\ncollect 2 => ?\nlog => ?\nlive => ?");
  if (!m->graph_only)
    say(m, "garbage => ?\nstats => ?");
  say(m, "end");
}

void generate_script(uint64_t seed, uint64_t number, bool graph_only, FILE *out) {
  struct maker m = {.out = out, .seed = rng_stream(seed, number + 1), .graph_only = graph_only};
  m.weak_dictionaries = chance(&m, 40);
  say(&m, "vector %llu random_%llu", (unsigned long long)number, (unsigned long long)seed);
  say(&m, "order exact");
  for (uint64_t i = 0, count = 1 + draw(&m, OBJECTS_FIRST); i < count; i++)
    make_new(&m);
  for (uint64_t i = 0, count = OPS_MIN + draw(&m, OPS_SPREAD); i < count; i++)
    make_something(&m);
  finish(&m);
}
