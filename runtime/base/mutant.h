/* mutant.h -- single faults that the source holds on purpose, to see whether the tests can tell.
 *
 * GC_MUTANT(name) asks, at the place where the fault sits, whether it is switched on; mutants.def lists the names, and
 * an unknown one does not compile.  It is a constant in ordinary builds:
 *
 *     build                        GC_MUTANT(name)
 *     ordinary                     0: nothing of the fault is compiled
 *     -DGC_MUTANTS_ENABLED=1       whether the environment's GC_MUTANT names it (preset `mutants`)
 *     -DGC_MUTANT_CONSTANT=name    1 for that name, 0 for all others: how tests/mutants/code.sh compares code
 *
 * In a build with mutants GC_CHECKS=0 in the environment silences the assertions above level 0 (check.h), to learn
 * whether anything else finds a fault.  Both are read once, before main; any thread asks. */
#ifndef GC_BASE_MUTANT_H
#define GC_BASE_MUTANT_H

#include "runtime/base/compiler.h"

#ifndef GC_MUTANTS_ENABLED
#define GC_MUTANTS_ENABLED 0
#endif

enum mutant {
  MUTANT_none,
#define GC_MUTANT_ROW(name, kind, plans, file, model, invariant) MUTANT_##name,
#include "runtime/base/mutants.def"
#undef GC_MUTANT_ROW
  MUTANT_COUNT
};

/* A code mutant changes what is computed.  A fence mutant weakens an order: only ThreadSanitizer or a model may kill
 * it, since the machine at hand may not show the difference.  A historic one is a code mutant that somebody's
 * collector once had. */
enum mutant_kind { MUTANT_CODE, MUTANT_FENCE, MUTANT_HISTORIC };

struct mutant_row {
  const char *name;
  enum mutant_kind kind;
  const char *plans;     /* those that it concerns, with spaces between; tests of the first are tried first */
  const char *file;      /* where GC_MUTANT(name) stands */
  const char *model;     /* "deque pop_unfenced": the model and the twin of it that stand for this fault; or "" */
  const char *invariant; /* what no longer holds */
};

#if defined(GC_MUTANT_CONSTANT)
#define GC_MUTANT(name) ((bool)(MUTANT_##name == GC_CONCAT(MUTANT_, GC_MUTANT_CONSTANT)))
#elif GC_MUTANTS_ENABLED
#define GC_MUTANT(name) ((bool)GC_UNLIKELY(mutant_on == MUTANT_##name))
#else
#define GC_MUTANT(name) ((bool)(MUTANT_##name == MUTANT_none))
#endif

#if GC_MUTANTS_ENABLED
extern enum mutant mutant_on;  /* constant once main runs */
extern int mutant_check_level; /* GC_CHECKs up to this level are made */
extern const struct mutant_row mutant_rows[MUTANT_COUNT];
#else
enum { mutant_check_level = 3 };
#endif

#endif
