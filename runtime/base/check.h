/* check.h -- GC_CHECK: an invariant that the reader may rely on, and the machine verifies.
 *
 * Levels: 0 always (also in benchmarks; not on hot paths), 1 cheap, 2 per structure, 3 whole heap.
 * A build compiles checks up to GC_CHECK_LEVEL; a disabled check still compiles its expression.
 * A failed check is a broken invariant of gclab, never a user's mistake: it prints the expression,
 * thread, phase and seed, and aborts. */
#ifndef GC_BASE_CHECK_H
#define GC_BASE_CHECK_H

#include "runtime/base/mutant.h"

#ifndef GC_CHECK_LEVEL
#define GC_CHECK_LEVEL 0
#endif

#define GC_CHECK(level, condition, ...)                                                          \
  do {                                                                                           \
    if ((level) <= GC_CHECK_LEVEL && (level) <= mutant_check_level && GC_UNLIKELY(!(condition)))  \
      check_failed(__FILE__, __LINE__, #condition, __VA_ARGS__);                                 \
  } while (0)

/* Prints one line and aborts.  Any thread. */
_Noreturn void check_failed(const char *file, int line, const char *condition, const char *format, ...)
    GC_COLD GC_PRINTF(4, 5);

/* What a failure should name.  The phase is set by the cycle driver, the seed by whoever owns the run. */
void check_set_phase(const char *phase_name);
void check_set_seed(uint64_t seed);
uint64_t check_seed(void);

#endif
