/* script.h -- scripts of the vector format: what is made, linked, dropped and asked, and what CPython answered.
 *
 * Who reads them: the player of each plan, the CPython driver (as text), the table, the random generator and the
 * shrinker.  What an operation does is said in ops.def, what a finalizer can do in actions.def, the kinds of objects in
 * kinds.def.  The bench process only, one thread.
 * Invariant: a script that was read has an `end`, only known operations, and results where ops.def wants them; whether
 * a root exists, or a path leads anywhere, is found out by playing it.
 *
 *   vector 004 cascade_three          number and name
 *   # frees head first                any line that begins with '#'
 *   tags counting                     optional: what CPython alone does, see enum script_tag
 *   order exact                       or any, which compares log as logset does
 *   new a fnode                       operations
 *   log => -
 *   end */
#ifndef GC_BENCH_VECTORS_SCRIPT_H
#define GC_BENCH_VECTORS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum script_code {
#define SCRIPT_OP(op, arguments, result, form) SCRIPT_##op,
#include "bench/vectors/ops.def"
#undef SCRIPT_OP
  SCRIPT_OP_COUNT
};

enum script_kind {
#define SCRIPT_KIND(kind, has_fields) KIND_##kind,
#include "bench/vectors/kinds.def"
#undef SCRIPT_KIND
  KIND_COUNT
};

enum script_action_code {
#define SCRIPT_ACTION(action, arguments, form) ACTION_##action,
#include "bench/vectors/actions.def"
#undef SCRIPT_ACTION
  ACTION_COUNT
};

enum { SCRIPT_FIELDS = 12, SCRIPT_STEPS_MAX = 8 };

/* The fields of nodes, in the order in which a dying node releases them; ended by NULL. */
extern const char *const script_fields[SCRIPT_FIELDS + 1];

/* One step of a path. */
struct script_step {
  const char *word; /* as written: a dict's key */
  int field;        /* index in script_fields, or -1: only a dict has it */
  int64_t index;    /* of a list's or tuple's element, or -1 */
};

/* root.field.field */
struct script_path {
  const char *root;
  unsigned step_count;
  struct script_step steps[SCRIPT_STEPS_MAX];
};

struct script_action {
  enum script_action_code code;
  const char *name; /* the root of resurrect, drop, peek, take, weak */
  const char *root; /* take: the root that is made */
  int field;        /* of unset, see */
  int64_t number;   /* of collect, alloc */
};

enum script_weak { WEAK_PLAIN, WEAK_CB, WEAK_CALL };

struct script_autoalloc {
  bool keep, fresh, on, sum;
  int64_t count;
  int until; /* a generation, or -1 */
};

/* One line.  Which members hold something is said by the letters of its row in ops.def. */
struct script_op {
  enum script_code code;
  unsigned line;             /* in its file, from 1 */
  const char *text;          /* as written, without the result */
  const char *expected;      /* what stands behind =>, "-" included; NULL: nothing does */
  const char *name;          /* n: the object, root, group or dictionary */
  const char *key;           /* y */
  enum script_kind kind;     /* k */
  struct script_path *paths; /* p, f, P, R, and the cnode of `call`: in the order written */
  unsigned path_count;
  int64_t numbers[3]; /* c, C, g, t: in the order written */
  unsigned number_count;
  enum script_weak weak;             /* w; WEAK_CALL: the cnode is paths[1] */
  struct script_autoalloc autoalloc; /* a */
  struct script_action *actions;     /* x */
  unsigned action_count;
  const char *debug; /* d */
};

enum script_tag {
  TAG_generation = 1 << 0,
  TAG_threshold = 1 << 1,
  TAG_freeze = 1 << 2,
  TAG_stats = 1 << 3,
  TAG_longlived = 1 << 4,
  TAG_counting = 1 << 5, /* what runs in which order when a count reaches zero */
};

struct script {
  const char *number, *name; /* of its first line */
  unsigned tags;
  bool exact; /* order exact */
  struct script_op *ops;
  size_t op_count;
};

/* All scripts of a file or text; they live until script_file_free. */
struct script_file {
  struct script *scripts;
  size_t count;
  void *memory;
};

/* Reads a file, or a text of that name.  False, with one sentence in `message`: where, what, what to try. */
bool script_read_file(struct script_file *file, const char *path, char *message, size_t message_bytes);
bool script_read_text(struct script_file *file, const char *name, const char *text, char *message,
                      size_t message_bytes);
void script_file_free(struct script_file *file);

/* Writes a script as it would be read; with `results`, those that it has. */
void script_write(const struct script *script, bool results, FILE *out);

/* "new", "ID KIND" and the letters, of an operation. */
const char *script_op_name(enum script_code code);
const char *script_op_form(enum script_code code);
const char *script_kind_name(enum script_kind kind);
bool script_kind_has_fields(enum script_kind kind);

/* Whether it answers something: a query, and `collect` in any case. */
bool script_op_is_query(enum script_code code);

#endif
