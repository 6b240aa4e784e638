/* shrink.h -- makes a failing script as short as it can be (delta debugging: Zeller and Hildebrandt 2002).
 *
 * Operations are left out in runs that get shorter, as long as what is left still fails, until no single one can be
 * left out.  A script that cannot be played any more, because a root is gone, does not fail: the caller's question says
 * so. */
#ifndef GC_BENCH_VECTORS_SHRINK_H
#define GC_BENCH_VECTORS_SHRINK_H

#include "bench/vectors/script.h"

/* Whether it still fails, and in a way that counts. */
typedef bool shrink_question(void *context, const struct script *script);

/* `script` fails; its list of operations gets shorter.  Returns how often it asked. */
unsigned shrink(struct script *script, shrink_question *fails, void *context);

#endif
