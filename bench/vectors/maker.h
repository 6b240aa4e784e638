/* maker.h -- what the parts of the generator share: the script so far, and one function for each thing that may come
 * next.
 *
 *     generate.c      which of them how often, the beginning and the end
 *     make_graph.c    objects, edges, groups
 *     make_weak.c     weak references and weak dictionaries
 *     make_actions.c  what finalizers and callbacks do
 *     make_queries.c  queries and settings
 *
 * Each function writes whole lines, or none where nothing fits.  Whoever writes that something changes, changes the
 * graph.  Names: o1… objects, a1… other roots of them, g1… groups, w1… weak references; d1… roots that finalizers drop,
 * r1… that they put objects into, v1… that they put weak references into; t1… weak-value, m1… weak-key dictionaries. */
#ifndef GC_BENCH_VECTORS_MAKER_H
#define GC_BENCH_VECTORS_MAKER_H

#include <stdio.h>

#include "bench/vectors/graph.h"
#include "runtime/base/compiler.h"
#include "runtime/base/rng.h"

enum { PATH_BYTES = 96, GROUPS_KEPT = 64, DICTIONARIES_MAX = 8 };

/* Sets of kinds. */
#define BIT(kind) (1u << (kind))
enum {
  WEAKREFABLE = BIT(KIND_node) | BIT(KIND_fnode) | BIT(KIND_cnode) | BIT(KIND_lnode) | BIT(KIND_dnode),
  WITH_PLACES = WEAKREFABLE | BIT(KIND_dict),
  EVERY_KIND = BIT(GRAPH_ANY + 1) - 1,
};

struct maker {
  FILE *out;
  uint64_t seed;
  struct graph graph;
  int objects, groups, weakrefs, tables; /* made so far */
  char group_names[GROUPS_KEPT][GRAPH_NAME_BYTES];
  bool graph_only;
  bool weak_dictionaries, unfrozen, prepared; /* prepared: r1… and v1… are there */
  struct {
    char name[GRAPH_NAME_BYTES];
    bool by_key, exists;
  } dictionaries[DICTIONARIES_MAX];
};

static inline uint64_t maker_draw(struct maker *m, uint64_t bound) { return rng_below(&m->seed, bound); }
static inline bool maker_chance(struct maker *m, unsigned percent) { return maker_draw(m, 100) < percent; }
static inline struct graph_object *maker_at(struct maker *m, int object) { return &m->graph.objects[object]; }
static inline bool maker_pick(struct maker *m, unsigned kinds, char path[PATH_BYTES], int *object) {
  return graph_pick(&m->graph, kinds, &m->seed, path, PATH_BYTES, object);
}
/* Writes a line of the script. */
void maker_say(struct maker *m, const char *format, ...) GC_PRINTF(2, 3);
/* Adds an object of that name, with a root of the same name; GRAPH_NONE: there is no more room. */
int maker_add(struct maker *m, const char *name, int kind);

void make_new(struct maker *m);
void make_tuple(struct maker *m);
void make_alias(struct maker *m);
void make_drop(struct maker *m);
void make_set(struct maker *m);
void make_unset(struct maker *m);
void make_mkdict(struct maker *m);
void make_append(struct maker *m);
void make_clearlist(struct maker *m);
void make_fill(struct maker *m);
void make_chain(struct maker *m);
void make_complete(struct maker *m);
void make_long_chain(struct maker *m);

void make_weakref(struct maker *m);
void make_sharedweakref(struct maker *m);
void make_weak_dictionary(struct maker *m);
void make_use_of_dictionary(struct maker *m);

void make_anchor(struct maker *m);
void make_act(struct maker *m);

void make_query_of_object(struct maker *m);
void make_query_of_world(struct maker *m);
void make_collect(struct maker *m);
void make_autoalloc(struct maker *m);
void make_allocfree(struct maker *m);
void make_setting(struct maker *m);

#endif
