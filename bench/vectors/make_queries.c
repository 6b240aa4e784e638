/* make_queries.c -- the parts of a random script that ask, and that change settings. */
#include "bench/vectors/maker.h"

/* ---- queries ---- */

void make_query_of_object(struct maker *m) {
  static const char *const queries[] = {"refcount", "tracked", "finalized", "referrers", "referents", "wrcount"};
  char path[PATH_BYTES], other[PATH_BYTES];
  int object;
  unsigned which = (unsigned)maker_draw(m, 10);
  bool untracked_too = which != 5 && !(which == 3 && m->graph_only); /* what is tracked is CPython's own affair */
  if (which > 7 && maker_pick(m, BIT(GRAPH_WEAKREF), path, &object))
    maker_say(m, "wr %s => ?", path);
  else if (which > 5 && maker_pick(m, EVERY_KIND, path, &object) && maker_pick(m, EVERY_KIND, other, &object))
    maker_say(m, "same %s %s => ?", path, other);
  else if (which < 6 && maker_pick(m, untracked_too ? EVERY_KIND : WEAKREFABLE, path, &object))
    maker_say(m, "%s %s => ?", queries[which], path);
}

void make_query_of_world(struct maker *m) {
  static const char *const queries[] = {"live", "stats", "count12",      "frozen",    "log",
                                        "log",  "log",   "getthreshold", "isenabled", "garbage"};
  unsigned which = (unsigned)maker_draw(m, 14);
  if (which < (m->graph_only ? 9 : 10))
    maker_say(m, "%s => ?", queries[which]);
  else if (which == 10)
    maker_say(m, "logset => ?");
  else if (which == 11)
    maker_say(m, "gen %d => ?", (int)maker_draw(m, 3));
  else if (m->groups && which == 12)
    maker_say(m, "population %s => ?",
              m->group_names[maker_draw(m, (uint64_t)(m->groups < GROUPS_KEPT ? m->groups : GROUPS_KEPT))]);
  else if (m->objects)
    maker_say(m, "fincount o%d => ?", 1 + (int)maker_draw(m, (uint64_t)m->objects));
}

void make_collect(struct maker *m) { maker_say(m, "collect %d => ?", maker_chance(m, 50) ? 2 : (int)maker_draw(m, 3)); }

/* ---- settings ---- */

static void set_threshold(struct maker *m) {
  static const int first[] = {0, 20, 50, 100, 700};
  int a = first[maker_draw(m, 5)], b = 1 + (int)maker_draw(m, 5), c = 1 + (int)maker_draw(m, 5);
  switch (maker_draw(m, 3)) {
  case 0: maker_say(m, "threshold %d", a); break;
  case 1: maker_say(m, "threshold %d %d", a, b); break;
  case 2: maker_say(m, "threshold %d %d %d", a, b, c); break;
  }
}

void make_autoalloc(struct maker *m) {
  static const char *const tails[] = {"", " sum", " until 0", " until 1", " until 2", " until 2 sum"};
  if (m->weak_dictionaries || m->unfrozen)
    return;
  if (maker_chance(m, 40))
    set_threshold(m);
  bool on = maker_chance(m, 50), enabled = maker_chance(m, 80);
  if (!on && enabled)
    maker_say(m, "enable");
  if (maker_chance(m, 30))
    maker_say(m, "isenabled => ?");
  maker_say(m, "autoalloc %s %d fresh%s%s => ?", maker_chance(m, 80) ? "keep" : "temp", 1 + (int)maker_draw(m, 1500),
            on ? " on" : "", tails[maker_draw(m, 6)]);
  maker_say(m, "disable");
}

void make_allocfree(struct maker *m) {
  int allocated = (int)maker_draw(m, 400);
  maker_say(m, "allocfree %d %d => ?", allocated, (int)maker_draw(m, (uint64_t)allocated + 1));
}

void make_setting(struct maker *m) {
  static const char *const words[] = {"none", "none", "saveall", "leak"};
  switch (maker_draw(m, 6)) {
  case 0: maker_say(m, "freeze"); break;
  case 1:
    m->unfrozen = true;
    maker_say(m, "unfreeze");
    break;
  case 2: maker_say(m, "debug %s", words[maker_draw(m, 4)]); break;
  case 3: maker_say(m, "cleargarbage"); break;
  case 4: maker_say(m, "gccallbacks"); break;
  case 5: set_threshold(m); break;
  }
}
