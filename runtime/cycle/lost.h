/* lost.h -- the part of a pause in which a thread that works for it was ready to run and had no processor.
 *
 * Read at both edges of a pause, outside of what is timed: the driver and the gang's helpers.  The longest wait of any
 * one of them counts as lost, for a pause ends when the last of them is done; a wait that others worked through is in
 * it as well, so that pause - lost is a lower bound, as the pause itself is an upper one.  Mutators on their way to
 * the safepoint are not looked at.
 * A driver that kept its processor has lost nothing, and knows it without a system call.  Helpers cost one each, so
 * after each pair of their readings comes a break of LOST_BREAK times what it took: they take at most a quarter of a
 * per cent of any time, and of a pause in the break the lost part is not known.  Driver only. */
#ifndef GC_CYCLE_LOST_H
#define GC_CYCLE_LOST_H

#include "runtime/trace/gang.h"

enum { LOST_BREAK = 400 };

struct lost_watch {
  bool known; /* what the driver had lost at the first edge, and helpers, if there are any */
  uint64_t begin_ns;
  uint64_t helpers_due_ns; /* no reading of helpers before */
  uint64_t opening_ns;     /* what their reading at the first edge took */
};

void lost_begin(struct lost_watch *watch, struct gang *gang);
/* Nanoseconds since lost_begin; false if they are not known. */
bool lost_end(struct lost_watch *watch, struct gang *gang, uint64_t *lost_ns);

#endif
