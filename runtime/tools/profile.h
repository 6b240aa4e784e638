/* profile.h -- which lines allocate: bytes and objects by site, and how many of them are alive.
 *
 * Nothing is added to the fast path of an allocation that takes from a window.
 *   sampled   where windows are handed out, on the slow path of most collectors, is told at random points, on average
 *             each interval_bytes: a Poisson process over the bytes handed out.  The sampled object stands for
 *             w / (1 - e^(-w / interval)) bytes, w being the window's, which makes every sum unbiased.  The site is
 *             the call stack.
 *   exact     in checked forms, whose allocations have a hook: every object, to the byte; the site is the line.
 *
 * So that it is known of a living object where it was made, also after it moved, the header's type id of a profiled
 * object is that of a copy of its type, one for each site (ids from GC_TYPE_LIMIT on).  The collectors see a type like
 * any other, if they say so (copied_types in struct gc_collector).  Weak references and ephemerons, which are told by
 * their ids, keep theirs.  Of objects that keep their type's id is known what was allocated, not what lives.
 *
 * Mutators add under one lock.  Reading is for when they are stopped or done, or for who holds the lock
 * (profile_acquire), but for profile_site_of.  A profile outlives its heap. */
#ifndef GC_TOOLS_PROFILE_H
#define GC_TOOLS_PROFILE_H

#include "runtime/cycle/heap.h"
#include "runtime/tools/census.h"
#include "runtime/tools/lines.h"

enum profile_mode { PROFILE_SAMPLED, PROFILE_EXACT };
enum { PROFILE_FRAMES_MOST = 48, PROFILE_INTERVAL_BYTES = 2 * 1024 * 1024 };

struct profile_site {
  uint32_t type;         /* as the program asked for it */
  uint32_t copy;         /* the id of its objects' type; 0: they keep `type` */
  uint32_t depth;        /* of the stack; 1 in exact mode */
  uint64_t told;         /* objects: all, or samples */
  double bytes, objects; /* that they stand for */
  uintptr_t stack[];     /* return addresses, innermost first */
};

struct profile;

/* NULL if memory is refused. */
struct profile *profile_create(enum profile_mode mode, size_t interval_bytes, uint64_t seed);
void profile_destroy(struct profile *profile);
/* For struct gc_heap_config. */
const struct alloc_watch *profile_watch(struct profile *profile);
/* The profile of `heap`; NULL if it has none. */
struct profile *profile_of(const struct gc_heap *heap);

/* In between, mutators that would add wait; so the caller neither allocates nor stops the world. */
void profile_acquire(struct profile *profile);
void profile_release(struct profile *profile);

enum profile_mode profile_mode(const struct profile *profile);
size_t profile_site_count(const struct profile *profile);
const struct profile_site *profile_site(const struct profile *profile, size_t index);
/* The site of objects with this type id; NULL: not profiled, or no profile. */
const struct profile_site *profile_site_of(const struct profile *profile, uint32_t type);

/* A line of the program that allocates one type. */
struct profile_row {
  const char *type, *file, *function;
  int line;
  double bytes, objects;           /* allocated */
  double live_bytes, live_objects; /* of them, alive at the census; the others were freed, or may be */
  bool live_known;
};
/* One row for each line and type, the most bytes first.  `live` may be NULL, or the difference of two censuses: then
 * live_bytes and live_objects are what changed.  Free it; NULL if memory is refused. */
struct profile_row *profile_rows(const struct profile *profile, struct lines *lines, const struct census *live,
                                 size_t *count);

/* The lines of a site's stack that belong to the program, innermost first, without the runtime's and the harness's. */
size_t profile_stack(const struct profile_site *site, struct lines *lines, struct line *found, size_t limit);

#endif
