/* make_graph.c -- the parts of a random script that make objects, and edges between them. */
#include <string.h>

#include "bench/vectors/maker.h"

enum { SMALL_GROUP = 12, LONG_CHAIN = 3000 };

/* ---- objects and edges ---- */

static const enum script_kind kind_weights[] = {KIND_node,  KIND_node,  KIND_fnode, KIND_fnode, KIND_fnode, KIND_cnode,
                                                KIND_lnode, KIND_dnode, KIND_list,  KIND_list,  KIND_dict,  KIND_leaf};

static int random_kind(struct maker *m) {
  int kind = kind_weights[maker_draw(m, sizeof kind_weights / sizeof kind_weights[0])];
  return kind == KIND_lnode && m->graph_only ? KIND_node : kind;
}

void make_new(struct maker *m) {
  char name[GRAPH_NAME_BYTES];
  int kind = random_kind(m);
  snprintf(name, sizeof name, "o%d", ++m->objects);
  if (maker_add(m, name, kind) != GRAPH_NONE)
    maker_say(m, "new %s %s", name, script_kind_name((enum script_kind)kind));
}

void make_tuple(struct maker *m) {
  char name[GRAPH_NAME_BYTES], path[PATH_BYTES], line[4 * PATH_BYTES] = "";
  int elements[3], count = 0;
  for (unsigned i = 0, wanted = 1 + (unsigned)maker_draw(m, 3); i < wanted; i++)
    if (maker_pick(m, EVERY_KIND, path, &elements[count])) {
      count++;
      strcat(strcat(line, " "), path);
    }
  snprintf(name, sizeof name, "o%d", ++m->objects);
  int tuple = count ? maker_add(m, name, GRAPH_TUPLE) : GRAPH_NONE;
  if (tuple == GRAPH_NONE)
    return;
  memcpy(maker_at(m, tuple)->elements, elements, sizeof elements);
  maker_at(m, tuple)->element_count = count;
  maker_say(m, "tuple %s%s", name, line);
}

void make_alias(struct maker *m) {
  char path[PATH_BYTES], name[GRAPH_NAME_BYTES];
  int object;
  snprintf(name, sizeof name, "a%d", ++m->objects);
  if (maker_pick(m, EVERY_KIND, path, &object) && graph_set_root(&m->graph, name, object))
    maker_say(m, "alias %s %s", name, path);
}

/* A root that a finalizer may put objects into stays: what is there is let go by an alias in its place. */
void make_drop(struct maker *m) {
  char path[PATH_BYTES];
  int object;
  if (m->graph.root_count < 2)
    return;
  const char *name = m->graph.roots[maker_draw(m, (uint64_t)m->graph.root_count)].name;
  char root[GRAPH_NAME_BYTES];
  strcpy(root, name);
  if (*root != 'r' && *root != 'v') {
    graph_forget_root(&m->graph, root);
    maker_say(m, "drop %s", root);
  } else if (maker_pick(m, EVERY_KIND & ~BIT(GRAPH_ANY), path, &object)) {
    maker_say(m, "alias %s %s", root, path);
  }
}

void make_set(struct maker *m) {
  char holder[PATH_BYTES], path[PATH_BYTES];
  int to, value;
  if (!maker_pick(m, WITH_PLACES, holder, &to) || !maker_pick(m, EVERY_KIND, path, &value))
    return;
  int field = (int)maker_draw(m, SCRIPT_FIELDS);
  if (maker_at(m, to)->fields[field] != GRAPH_UNKNOWN)
    maker_at(m, to)->fields[field] = value;
  maker_say(m, "set %s.%s %s", holder, script_fields[field], path);
}

void make_unset(struct maker *m) {
  char holder[PATH_BYTES];
  int from;
  if (!maker_pick(m, WITH_PLACES, holder, &from))
    return;
  for (int f = 0; f < SCRIPT_FIELDS; f++)
    if (maker_at(m, from)->fields[f] >= 0 && maker_chance(m, 60)) {
      maker_at(m, from)->fields[f] = GRAPH_NONE;
      maker_say(m, "unset %s.%s", holder, script_fields[f]);
      return;
    }
}

void make_mkdict(struct maker *m) {
  char path[PATH_BYTES];
  int object;
  if (maker_pick(m, BIT(KIND_dnode), path, &object))
    maker_say(m, "mkdict %s", path);
}

void make_append(struct maker *m) {
  char list[PATH_BYTES], path[PATH_BYTES];
  int to, value, count = maker_chance(m, 70) ? 1 : 1 + (int)maker_draw(m, 4);
  if (!maker_pick(m, BIT(KIND_list), list, &to) || !maker_pick(m, EVERY_KIND, path, &value) ||
      maker_at(m, to)->element_count + count > GRAPH_ELEMENTS)
    return;
  for (int i = 0; i < count; i++)
    maker_at(m, to)->elements[maker_at(m, to)->element_count++] = value;
  if (count == 1 && maker_chance(m, 50))
    maker_say(m, "append %s %s", list, path);
  else
    maker_say(m, "append %s %s %d", list, path, count);
}

void make_clearlist(struct maker *m) {
  char list[PATH_BYTES];
  int object;
  if (!maker_pick(m, BIT(KIND_list), list, &object))
    return;
  maker_at(m, object)->element_count = 0;
  maker_say(m, "clearlist %s", list);
}

/* ---- groups ---- */

static const char *new_group(struct maker *m) {
  char *name = m->group_names[m->groups % GROUPS_KEPT];
  snprintf(name, GRAPH_NAME_BYTES, "g%d", ++m->groups);
  return name;
}

void make_fill(struct maker *m) {
  char list[PATH_BYTES];
  int to, count = 1 + (int)maker_draw(m, SMALL_GROUP), kind = random_kind(m);
  if (!maker_pick(m, BIT(KIND_list), list, &to) || maker_at(m, to)->element_count + count > GRAPH_ELEMENTS ||
      m->graph.object_count + count > GRAPH_OBJECTS)
    return;
  const char *name = new_group(m);
  for (int i = 0; i < count; i++)
    maker_at(m, to)->elements[maker_at(m, to)->element_count++] = graph_add(&m->graph, name, kind);
  maker_say(m, "fill %s %s %s %d", list, name, script_kind_name((enum script_kind)kind), count);
}

static void link_members(struct maker *m, int from, int to) {
  enum { NEXT = 8 }; /* in script_fields */
  if (maker_at(m, from)->kind == KIND_list)
    maker_at(m, from)->elements[maker_at(m, from)->element_count++] = to;
  else
    maker_at(m, from)->fields[NEXT] = to;
}

void make_chain(struct maker *m) {
  static const enum script_kind kinds[] = {KIND_node, KIND_fnode, KIND_dnode, KIND_cnode, KIND_list};
  int kind = kinds[maker_draw(m, sizeof kinds / sizeof kinds[0])], count = 1 + (int)maker_draw(m, SMALL_GROUP);
  bool ring = maker_chance(m, 50);
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
  maker_say(m, "%s %s %s %d", ring ? "ring" : "chain", name, script_kind_name((enum script_kind)kind), count);
}

void make_complete(struct maker *m) {
  int count = 2 + (int)maker_draw(m, 5), first = m->graph.object_count;
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
  maker_say(m, "complete %s %d", name, count);
}

/* Of its own members alone, made and dropped at once, so that no path leads into it. */
void make_long_chain(struct maker *m) {
  static const enum script_kind kinds[] = {KIND_node, KIND_fnode, KIND_list};
  int kind = kinds[maker_draw(m, 3)], count = 60 + (int)maker_draw(m, LONG_CHAIN);
  const char *name = new_group(m);
  if (kind == KIND_fnode)
    maker_say(m, "act %s quiet", name);
  bool ring = maker_chance(m, 30);
  maker_say(m, "%s %s %s %d", ring ? "ring" : "chain", name, script_kind_name((enum script_kind)kind), count);
  maker_say(m, "drop %s", name);
  maker_say(m, "population %s => ?", name);
  if (ring)
    maker_say(m, "collect 2 => ?");
  maker_say(m, "fincount %s => ?", name);
}
