/* make_weak.c -- the parts of a random script that make weak references, and use weak dictionaries. */
#include "bench/vectors/maker.h"

/* ---- weak references ---- */

void make_weakref(struct maker *m) {
  char name[GRAPH_NAME_BYTES], target[PATH_BYTES], callback[PATH_BYTES];
  int object;
  snprintf(name, sizeof name, "w%d", m->weakrefs + 1);
  if (!maker_pick(m, WEAKREFABLE, target, &object))
    return;
  unsigned how = m->graph_only ? 0 : (unsigned)maker_draw(m, 4);
  if (how == 3 && !maker_pick(m, BIT(KIND_cnode), callback, &object))
    how = 1;
  if (maker_add(m, name, GRAPH_WEAKREF) == GRAPH_NONE)
    return;
  m->weakrefs++;
  if (how == 3)
    maker_say(m, "weakref %s %s call %s", name, target, callback);
  else
    maker_say(m, "weakref %s %s%s", name, target, how ? " cb" : "");
}

void make_sharedweakref(struct maker *m) {
  char name[GRAPH_NAME_BYTES], target[PATH_BYTES];
  int object;
  snprintf(name, sizeof name, "w%d", ++m->weakrefs);
  if (maker_pick(m, WEAKREFABLE, target, &object) && maker_add(m, name, GRAPH_WEAKREF) != GRAPH_NONE)
    maker_say(m, "sharedweakref %s %s", name, target);
}

/* ---- weak dictionaries ---- */

void make_weak_dictionary(struct maker *m) {
  if (!m->weak_dictionaries || m->tables == DICTIONARIES_MAX)
    return;
  int i = m->tables++;
  bool by_key = m->dictionaries[i].by_key = maker_chance(m, 50);
  snprintf(m->dictionaries[i].name, GRAPH_NAME_BYTES, "%c%d", by_key ? 'm' : 't', i + 1);
  m->dictionaries[i].exists = true;
  maker_say(m, "%s %s", by_key ? "wkd" : "wvd", m->dictionaries[i].name);
}

/* A root that holds something of these kinds. */
static const char *pick_root(struct maker *m, unsigned kinds) {
  for (int tries = 0; m->graph.root_count && tries < 20; tries++) {
    const struct graph_root *root = &m->graph.roots[maker_draw(m, (uint64_t)m->graph.root_count)];
    if (kinds & BIT(maker_at(m, root->object)->kind))
      return root->name;
  }
  return NULL;
}

void make_use_of_dictionary(struct maker *m) {
  static const char *const words[] = {"k1", "k2", "k3"};
  char path[PATH_BYTES];
  int i = m->tables ? (int)maker_draw(m, (uint64_t)m->tables) : 0, object;
  const char *name = m->dictionaries[i].name;
  if (!m->dictionaries[i].exists)
    return;
  bool by_key = m->dictionaries[i].by_key;
  const char *key = by_key ? pick_root(m, WEAKREFABLE) : words[maker_draw(m, 3)];
  switch (maker_draw(m, 9)) {
  case 0: maker_say(m, "len %s => ?", name); break;
  case 1: maker_say(m, "keys %s => ?", name); break;
  case 2:
    if (key)
      maker_say(m, "get %s %s => ?", name, key);
    break;
  case 3:
    if (maker_chance(m, 20)) {
      m->dictionaries[i].exists = false;
      maker_say(m, "drop %s", name);
    }
    break;
  default:
    if (key && maker_pick(m, by_key ? EVERY_KIND : WEAKREFABLE, path, &object))
      maker_say(m, "put %s %s %s", name, key, path);
  }
}
