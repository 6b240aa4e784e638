/* judge.h -- whether a performer answered a script as it must.
 *
 * One that counts references at once answers as CPython, word for word; `log` as a set where the script's order is any.
 * One that counts at once, but does not collect by generations, is asked the script with each collection a full one,
 * and without what thresholds and automatic collections bring about (script_make_full): that it answers as CPython
 * answers the same, word for word.  What its smaller collections may leave is asked as of the others, in every second
 * random script.
 * Of all others less is asked (script_relax), and their references are CPython's answers to that same, relaxed script:
 *   - vectors with a tag are left out: they tell how CPython counts, or what else of it is no matter of what is alive;
 *   - so are queries of counts, generations and settings, and what collections return;
 *   - before each query of what is alive, or was finalized, stands a full collection, and one more at the end;
 *   - what all logs of the script hold together is compared as a set, without what tells of collections.
 * The bench process only. */
#ifndef GC_BENCH_VECTORS_JUDGE_H
#define GC_BENCH_VECTORS_JUDGE_H

#include "bench/vectors/answers.h"

#define VERDICTS(X) X(pass) X(fail) X(unsupported) X(invalid) /* invalid: CPython cannot play it */
enum verdict_kind {
#define VERDICT_ENUM(name) VERDICT_##name,
  VERDICTS(VERDICT_ENUM) VERDICT_COUNT
#undef VERDICT_ENUM
};
extern const char *const verdict_names[VERDICT_COUNT];

struct verdict {
  enum verdict_kind kind;
  const char *query;            /* text of the first that differs; NULL: none does, or it was not played to its end */
  unsigned line;                /* of the query; 0: it is not in the file */
  unsigned compared;            /* queries */
  char expected[256], got[256]; /* of the query, cut off at their ends; or `got` is why it could not be played */
};

enum judge_rules { JUDGE_EXACT, JUDGE_FULL, JUDGE_RELAXED }; /* of the three sorts of performers */

/* `expected` is NULL for what the script itself says. */
void judge_exact(const struct script *script, const struct answers *expected, const struct answers *got,
                 struct verdict *verdict);
void judge_relaxed(const struct script *relaxed, const struct answers *expected, const struct answers *got,
                   struct verdict *verdict);

/* What is asked of a performer that does not count at once; shares the memory of `script`.  False if it is nothing.
 * Free relaxed->ops. */
bool script_relax(const struct script *script, struct script *relaxed);

/* The same script, in which each collection is a full one.  Free full->ops. */
void script_make_full(const struct script *script, struct script *full);

/* Whether both hold the same words, in any order and as often. */
bool judge_same_set(const char *a, const char *b);

#endif
