/* findings.h -- what one verifier found wrong at one moment: printed edge by edge, then the end of the process.
 *
 * At first only the first few findings are printed.  In slow mode (`--verify=…,slow`) all are, each with a path from a
 * root: the fields to follow, as the type's name and the field's offset in bytes.  The world is stopped; one thread. */
#ifndef GC_VERIFY_FINDINGS_H
#define GC_VERIFY_FINDINGS_H

#include "runtime/base/compiler.h"
#include "runtime/verify/oracle.h"
#include "runtime/verify/verify.h"

struct findings {
  struct gc_heap *heap;
  enum verifier verifier;
  bool silent;         /* counts and keeps the first in words, no more */
  uint64_t looked_at;  /* by the verifier, for the last line */
  uint64_t bad;
  char first[256];
  struct oracle paths; /* slow mode, from the first finding on */
  bool has_paths;
};

void findings_begin(struct findings *findings, struct gc_heap *heap, enum verifier verifier);

/* Something is wrong with what `slot` of `source` refers to, or, with slot NULL, with `source` itself; `source` null:
 * the slot is a root.  The words say what, and follow the name of the place. */
void findings_add(struct findings *findings, gc_ref source, const gc_field *slot, const char *format, ...)
    GC_PRINTF(4, 5);

/* Aborts if anything was found; `what` names what was looked at: "edges". */
void findings_end(struct findings *findings, const char *what);

#endif
