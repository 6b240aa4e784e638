/* player_world.h -- what a player knows of the script that it plays: its objects, roots, events.
 *
 *     player.c          the operations
 *     player_objects.c  objects, their fields and elements, paths
 *     player_weak.c     weak references and weak dictionaries
 *     player_events.c   deaths, finalizers, callbacks, actions
 *     player_answers.c  the queries
 *
 * Every object that the script can name has a number, its place in `things`, and holds it.  A collector with controls
 * (runtime/gc_control.h) tells of each death and runs finalizers and callbacks at once; there a thing's `ref` is its
 * address while it lives, since such a collector does not move.  Under every other plan things are found by probes,
 * weak references of the player's own, and finalizers and callbacks are asked for after each collection.
 *
 * Compiled for each plan: names end in the plan's, by PLAYER_().  One mutator. */
#ifndef GC_BENCH_VECTORS_PLAYER_WORLD_H
#define GC_BENCH_VECTORS_PLAYER_WORLD_H

#include "bench/vectors/player.h"
#include "runtime/gc.h"
#include "runtime/gc_control.h"

#define PLAYER_(name) GC_CONCAT(GC_CONCAT(player_, name), GC_CONCAT(_, GC_PLAN))

/* ---- objects ---- */

struct vnode { /* node, fnode, cnode, lnode */
  struct gc_header header;
  gc_field field[SCRIPT_FIELDS];
  uint64_t thing;
};
struct vfields { /* a dnode's, and then its dict's; part of either */
  struct gc_header header;
  gc_field field[SCRIPT_FIELDS];
};
struct vdnode {
  struct gc_header header;
  gc_field fields, dict; /* fields: null once there is a dict */
  uint64_t thing;
};
struct vlist { /* list, tuple */
  struct gc_header header;
  gc_field items; /* a part: elements, then nulls */
  uint64_t count, thing;
};
/* Its values stand from the end of the part to the front, so that they are released in order of insertion.  A weak
 * dictionary is one, too: of pairs, an entry's weak reference and its value. */
struct vdict {
  struct gc_header header;
  gc_field values; /* a part: an array, or a dnode's fields */
  uint64_t count;  /* values that were ever inserted since it grew; those deleted are null */
  uint64_t thing;
};
struct vleaf {
  struct gc_header header;
  uint64_t thing;
};
struct vweak {
  struct gc_weak weak;
  gc_field callee;
  uint64_t thing;
};

enum {
  TYPE_vnode = GC_TYPE_FIRST,
  TYPE_vfields,
  TYPE_vdnode,
  TYPE_vlist,
  TYPE_vtuple,
  TYPE_vdict,
  TYPE_vitems, /* parts that are arrays */
  TYPE_vleaf,
  TYPE_vweak,
};

enum { THING_NONE = 0 };

struct thing {
  const char *name; /* NULL: the script cannot print it */
  enum script_kind kind;
  bool member, alive, weak, shared, weak_keys;
  gc_ref ref;         /* with controls */
  uint64_t entry_of;  /* a weak dictionary's number: this is the weak reference of one of its entries */
  enum script_weak call;
  uint64_t callee;    /* of a weak reference: the number of what its callback belongs to */
  const char **keys;  /* of a dict, by the number of the value; of a weak dictionary, by entry; NULL: deleted */
  uint64_t *key_things; /* of a weak-key dictionary, by entry: the key's number */
  uint64_t key_capacity;
};

struct behaviour { /* what `act` said of a name */
  const char *name;
  const struct script_op *op;
};

struct world {
  struct gc_mutator *m;
  const struct gc_control *control; /* NULL: a collector without */
  const struct script *script;
  const struct script_op *op; /* that is played */
  const char *problem;        /* why it cannot go on */
  char problem_text[200];

  struct thing *things; /* from 1 */
  uint64_t thing_count, thing_capacity;

  struct gc_frame *frame; /* the roots, one for each name; then the rest of enum extra_root */
  gc_root *roots;
  const char **root_names;
  bool *root_is_set;
  size_t root_count, root_capacity;

  struct behaviour *behaviours;
  size_t behaviour_count;
  const char **finalized; /* a name for each call of a finalizer */
  size_t finalized_count, finalized_capacity;
  char **events;
  size_t event_count, event_capacity;
  bool logs_collections;

  /* autoalloc */
  uint64_t allocation; /* under way, from 1; 0: none */
  int until;
  bool reached;
  uint64_t begun_count[GC_GENERATIONS], last_begun;
  FILE *begun; /* GEN@NUMBER … */
};

/* Roots that are the player's own, before the script's. */
enum extra_root { ROOT_KEPT_FIRST, ROOT_KEPT_LAST, ROOT_PROBES, ROOT_EXTRAS };

/* ---- player.c ---- */

/* Ends the script with a sentence; the first one counts. */
void PLAYER_(refuse)(struct world *w, const char *format, ...) GC_PRINTF(2, 3);
static inline bool world_failed(const struct world *w) { return w->problem != NULL; }

/* ---- player_measure.c ---- */

bool PLAYER_(measure)(enum experiment experiment, char *said, size_t said_bytes);

/* ---- player_objects.c ---- */

extern const struct gc_type PLAYER_(types)[];
extern const size_t PLAYER_(type_count);

/* A new object of that name; the caller roots it at once. */
gc_ref PLAYER_(make)(struct world *w, enum script_kind kind, const char *name, bool member);
gc_ref PLAYER_(make_tuple)(struct world *w, const char *name, const struct script_path *paths, unsigned count);
uint64_t PLAYER_(thing_new)(struct world *w, const char *name, enum script_kind kind);
/* The number of an object; THING_NONE if it has none. */
uint64_t PLAYER_(thing_of)(struct world *w, gc_ref object);
/* The object of that number, or null if it does not exist any more, or is about to be freed. */
gc_ref PLAYER_(thing_ref)(struct world *w, uint64_t thing);
const char *PLAYER_(name_of)(struct world *w, gc_ref object);     /* NULL: it has none */
const char *PLAYER_(one_name_of)(struct world *w, gc_ref object); /* "?": it has none */

gc_root *PLAYER_(root)(struct world *w, const char *name); /* makes it, if need be */
/* A root with something in it; NULL and a refusal if there is none. */
gc_root *PLAYER_(find_root)(struct world *w, const char *name);
gc_root *PLAYER_(try_root)(struct world *w, const char *name);
void PLAYER_(set_root)(struct world *w, const char *name, gc_ref object);
void PLAYER_(drop_root)(struct world *w, const char *name);

/* What stands at a path; null and a refusal if nothing does. */
gc_ref PLAYER_(resolve)(struct world *w, const struct script_path *path);
/* What the path's last step stands in, and the step. */
gc_ref PLAYER_(resolve_holder)(struct world *w, const struct script_path *path, const struct script_step **last);
gc_ref PLAYER_(get_field)(struct world *w, gc_ref object, const struct script_step *step);
/* Reference `i` of an object, or null; false if there are no more.  Parts are passed through, a dnode's dict too. */
bool PLAYER_(next_reference)(struct world *w, gc_ref object, uint64_t i, gc_ref *value);
void PLAYER_(set_field)(struct world *w, const gc_root *holder, const struct script_step *step, const gc_root *value);
void PLAYER_(unset_field)(struct world *w, const gc_root *holder, const struct script_step *step);
void PLAYER_(append)(struct world *w, const gc_root *list, const gc_root *value, uint64_t count);
void PLAYER_(clear_list)(struct world *w, const gc_root *list);
void PLAYER_(make_dict)(struct world *w, const gc_root *dnode);
void PLAYER_(keep_node)(struct world *w);
/* An array of nulls that is to be a part. */
gc_ref PLAYER_(items_new)(struct gc_mutator *m, uint64_t capacity);
gc_field *PLAYER_(dict_slot)(struct gc_mutator *m, gc_ref values, uint64_t i);
/* The table refers to `value` now. */
void PLAYER_(list_table)(struct world *w, gc_ref table, gc_ref value);
/* Room for `count` keys of a dict or weak dictionary. */
void PLAYER_(reserve_keys)(struct world *w, uint64_t thing, uint64_t count);

/* ---- player_weak.c ---- */

/* Root `name` holds a new weak reference to `target`. */
void PLAYER_(weak_new)(struct world *w, const char *name, const gc_root *target, enum script_weak call,
                       const gc_root *callee);
void PLAYER_(weak_shared)(struct world *w, const char *name, const gc_root *target);
void PLAYER_(weak_dict_new)(struct world *w, const char *name, bool by_key);
void PLAYER_(weak_put)(struct world *w, const char *dict, const char *key, const gc_root *value);
/* The weak reference of an entry was cleared: the entry goes, and its value. */
void PLAYER_(weak_entry_dies)(struct world *w, uint64_t weak_thing);
uint64_t PLAYER_(weak_count)(struct world *w, gc_ref target);
void PLAYER_(weak_dict_answer)(struct world *w, FILE *out);
/* Other plans: `thing`, just made, is found by a probe. */
void PLAYER_(probe)(struct world *w, uint64_t thing, const gc_root *object);
gc_ref PLAYER_(probed)(struct world *w, uint64_t thing);

/* ---- player_events.c ---- */

void PLAYER_(log)(struct world *w, const char *format, ...) GC_PRINTF(2, 3);
void PLAYER_(listen)(struct world *w); /* the collector tells of deaths and finalizers from now on */
void PLAYER_(attach_finalizer)(struct world *w, gc_ref object, enum script_kind kind);
gc_weak_callback PLAYER_(weak_callback);
/* Other plans, after a collection: runs due callbacks and finalizers. */
void PLAYER_(run_due)(struct world *w);
void PLAYER_(collect)(struct world *w, int generation, char *result, size_t result_bytes);
/* alive:NAME or dead, of the weak reference in a rooted local. */
const char *PLAYER_(weak_state)(struct world *w, const gc_root *weak, char *text, size_t text_bytes);

/* ---- player_answers.c ---- */

/* Writes the answer to the query w->op. */
void PLAYER_(answer)(struct world *w, FILE *out);

#endif
