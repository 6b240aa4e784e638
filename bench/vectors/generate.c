#include "bench/vectors/generate.h"

#include <stdarg.h>

#include "bench/vectors/maker.h"

enum { OPS_MIN = 10, OPS_SPREAD = 45, OBJECTS_FIRST = 6 };

void maker_say(struct maker *m, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(m->out, format, arguments);
  va_end(arguments);
  fputc('\n', m->out);
}

int maker_add(struct maker *m, const char *name, int kind) {
  int object = graph_add(&m->graph, name, kind);
  return object != GRAPH_NONE && graph_set_root(&m->graph, name, object) ? object : GRAPH_NONE;
}

/* ---- which, and how often ---- */

static const struct choice {
  void (*make)(struct maker *m);
  unsigned weight;
  bool counts; /* not of the graph alone */
} choices[] = {
    {make_new, 22, false},
    {make_tuple, 4, false},
    {make_alias, 4, false},
    {make_drop, 18, false},
    {make_set, 30, false},
    {make_unset, 6, false},
    {make_mkdict, 3, false},
    {make_append, 8, false},
    {make_clearlist, 2, false},
    {make_fill, 2, false},
    {make_chain, 4, false},
    {make_complete, 1, false},
    {make_long_chain, 1, false},
    {make_weakref, 10, false},
    {make_sharedweakref, 3, false},
    {make_weak_dictionary, 4, false},
    {make_use_of_dictionary, 9, false},
    {make_anchor, 4, true},
    {make_act, 12, true},
    {make_query_of_object, 12, false},
    {make_query_of_world, 10, false},
    {make_collect, 12, false},
    {make_autoalloc, 3, true},
    {make_allocfree, 1, true},
    {make_setting, 2, true},
};
enum { CHOICES = sizeof choices / sizeof choices[0] };

static void make_something(struct maker *m) {
  unsigned total = 0;
  for (unsigned i = 0; i < CHOICES; i++)
    total += choices[i].counts && m->graph_only ? 0 : choices[i].weight;
  uint64_t drawn = maker_draw(m, total);
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

/* ---- the whole ---- */

/* The end: every certain root goes, then all dictionaries, and what is left is told. */
static void finish(struct maker *m) {
  maker_say(m, "log => ?\nlive => ?");
  fprintf(m->out, "drop");
  for (int i = 0; i < m->graph.root_count; i++)
    fprintf(m->out, " %s", m->graph.roots[i].name);
  for (int i = 0; i < m->tables; i++)
    if (m->dictionaries[i].exists)
      fprintf(m->out, " %s", m->dictionaries[i].name);
  maker_say(m, "\nlog => ?\nlive => ?\ncollect 2 => ?\nlog => ?\nlive => ?");
  if (!m->graph_only)
    maker_say(m, "garbage => ?\nstats => ?");
  maker_say(m, "end");
}

void generate_script(uint64_t seed, uint64_t number, bool graph_only, FILE *out) {
  struct maker m = {.out = out, .seed = rng_stream(seed, number + 1), .graph_only = graph_only};
  m.weak_dictionaries = maker_chance(&m, 40);
  maker_say(&m, "vector %llu random_%llu", (unsigned long long)number, (unsigned long long)seed);
  maker_say(&m, "order exact");
  for (uint64_t i = 0, count = 1 + maker_draw(&m, OBJECTS_FIRST); i < count; i++)
    make_new(&m);
  for (uint64_t i = 0, count = OPS_MIN + maker_draw(&m, OPS_SPREAD); i < count; i++)
    make_something(&m);
  finish(&m);
}
