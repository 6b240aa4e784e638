/* lost.h -- the part of a pause in which a thread that works for it was ready to run and had no processor.
 *
 * Read at both edges of a pause, outside of what is timed: the driver and the gang's helpers.  The longest wait of any
 * one of them counts as lost, for a pause ends when the last of them is done; a wait that others worked through is in
 * it as well, so that pause - lost is a lower bound, as the pause itself is an upper one.  Mutators on their way to
 * the safepoint are not looked at.
 * Readings are system calls.  After each pair of them comes a break of LOST_BREAK times what it took, so that they take
 * at most a quarter of a per cent of any time; of a pause in the break the lost part is not known.  Driver only. */
#ifndef GC_CYCLE_LOST_H
#define GC_CYCLE_LOST_H

#include "runtime/trace/gang.h"

enum { LOST_BREAK = 400 };

struct lost_watch {
  uint64_t due_ns; /* no reading before */
  bool watching;   /* this pause is */
  uint64_t begin_ns;
  uint64_t opening_ns; /* what the reading at the first edge took */
  uint64_t cost_ns;    /* of a pair, the least so far: in others the driver itself lost the processor; 0: none yet */
};

void lost_begin(struct lost_watch *watch, struct gang *gang);
/* Nanoseconds since lost_begin; false if they are not known. */
bool lost_end(struct lost_watch *watch, struct gang *gang, uint64_t *lost_ns);

#endif
