/* verify.h -- the verifiers: second opinions that share no code with what they check.
 *
 * Each is chosen by name for a run (`--verify=heap,free`) and called by the cycle's driver, never by a plan:
 *
 *     verifier | moment                           | holds against each other
 *     heap     | before each resume               | what is reachable; headers, objects' starts, the plan's verdict
 *     free     | when memory is handed out again  | free memory; the pattern that freeing it left (heap/poison.h)
 *     remset   | after each stop, before any row  | old objects' references to young ones; the remembered set
 *     shadow   | from GC_SNAPSHOT to GC_MARKED    | what stores overwrite and insert; the marks
 *     remark   | at GC_MARKED, the world stopped  | what is reachable; the marks, whose surplus is floating garbage
 *     counts   | before each resume               | all references; stored counts
 *
 * A plan takes part through the hooks and moments of runtime/collector.h; one that lacks a verifier's hooks is not
 * looked at by it.  Traversals have their own visited set, stack and reading of types (oracle.h).
 * A verifier that finds something prints it and aborts, in the phase "verify": the run's outcome is verify_failed. */
#ifndef GC_VERIFY_VERIFY_H
#define GC_VERIFY_VERIFY_H

#include <pthread.h>
#include <stdatomic.h>

#include "runtime/object/ref.h"

struct gc_heap;
struct gc_mutator;

/* X(name, what `gclab help verify` says of it) */
#define VERIFIERS(X)                                                                                                 \
  X(heap, "at the end of each pause all that is reachable is visited again: headers, starts of objects, liveness")   \
  X(free, "freed memory is overwritten; it must still hold that when it is handed out again")                        \
  X(remset, "when a pause begins, each reference from an old object to a young one must be remembered")              \
  X(shadow, "while a snapshot is marked, what stores overwrite or insert is noted, and must be marked in the end")   \
  X(remark, "when marking is done all is marked again, stopped: nothing may be new, the rest is floating garbage")   \
  X(counts, "at the end of each pause every stored count must be the number of references there are")

enum verifier {
#define VERIFIER_ENUM(name, text) VERIFIER_##name,
  VERIFIERS(VERIFIER_ENUM)
#undef VERIFIER_ENUM
      VERIFIER_COUNT
};

/* A set of verifiers, as VERIFY(heap) | VERIFY(free). */
#define VERIFY(name) (1u << VERIFIER_##name)
enum {
  VERIFY_NONE = 0,
  VERIFY_ALL = (1u << VERIFIER_COUNT) - 1,
  VERIFY_SLOW = 1u << VERIFIER_COUNT, /* not a verifier: tells all that is wrong, each with its path from a root */
};

/* ---- names (names.c) ---- */

extern const char *const verifier_names[VERIFIER_COUNT];
extern const char *const verifier_texts[VERIFIER_COUNT];

/* Reads "heap,free,slow", "all", "none", or a level: 0 is none, 3 is all.  Returns false with a sentence in `message`
 * that suggests the nearest name. */
bool verify_parse(const char *text, unsigned *set, char *message, size_t message_bytes);
/* Writes what verify_parse reads: "heap,free", "all", "none". */
void verify_format(unsigned set, char *text, size_t text_bytes);

/* ---- a heap's part ---- */

/* A reference that a store met while a snapshot was marked, unmarked at that time. */
struct shadow_entry {
  gc_ref object;
  const gc_field *field; /* where it was, or went to; the field may be gone since */
  bool inserted;         /* else overwritten */
  unsigned mutator;
};

struct verify_state {
  _Atomic bool noting; /* threads that attach now note their stores */
  pthread_mutex_t shadow_lock;
  struct shadow_entry *shadow;
  size_t shadow_count, shadow_capacity;
  /* the driver, the world stopped */
  uint64_t remarks, floating_objects, floating_bytes, floating_peak_bytes; /* sums over remarks, and the most */
};

void verify_init(struct gc_heap *heap);
void verify_fini(struct gc_heap *heap);

/* ---- moments, told by the driver; each returns at once unless a verifier of that moment is chosen ---- */

/* The world is stopped and mutators are flushed; no row has run. */
void verify_stopped(struct gc_heap *heap);
/* From now on what `m` can reach must be marked in the end.  Its owner, or whoever claimed or stopped it. */
void verify_snapshot(struct gc_heap *heap, struct gc_mutator *m);
/* The same for all mutators that attach from now on. */
void verify_snapshot_complete(struct gc_heap *heap);
/* The world is stopped; all that the cycle will mark is marked. */
void verify_marked(struct gc_heap *heap);
/* The world is about to be resumed. */
void verify_resuming(struct gc_heap *heap);

/* Marking starts over from today's roots: what was noted for the old marks counts no more.  The world is stopped, or no
 * snapshot is being marked. */
void verify_forget_snapshot(struct gc_heap *heap);

/* ---- for tests and tools; the world is stopped, or the caller's thread is the only one ---- */

struct verify_report {
  uint64_t objects, references, bytes;
  uint64_t bad;      /* edges to objects that are not as they must be */
  char first[256];   /* the first bad edge, in words */
};

/* What `heap` finds, without a word. */
void verify_report(struct gc_heap *heap, struct verify_report *report);

/* Verifier `heap`, whether it is chosen or not. */
void verify_heap(struct gc_heap *heap);

/* Calls visit(context, object) once for every reachable object; stops early if it returns false.  Returns false if
 * memory for the visited set was refused. */
bool verify_for_reachable(struct gc_heap *heap, void *context, bool (*visit)(void *context, gc_ref object));

#endif
