/* generation.h -- the lists of objects that may be in cycles: three generations, and what is frozen.
 *
 * An object whose type can be part of a cycle lies behind two words, its links, in the block:
 *
 *     previous | next | header | references and scalars …
 *
 *   previous  bits 4..63: the object before it in its list; while a collection decides, the copy of its count
 *             LINKS_HERE (1), always set: a block begins with links, not with a header (whose two low bits are 0)
 *             LINKS_CANDIDATE (2): the running collection's scan has found nothing yet that reaches it
 *             LINKS_FINALIZED (4): its finalizer ran
 *             LINKS_DECIDING (8): the running collection has not decided about it
 *   next      the object after it; 0: it is in no list
 *
 * Lists are rings with a head of their own.  Between collections every object in a list is whole and `previous` is the
 * inverse of `next`.  New objects are appended, so lists are in order of age. */
#ifndef GC_PYTHON_GENERATION_H
#define GC_PYTHON_GENERATION_H

#include "runtime/gc_control.h"
#include "runtime/object/object.h"

enum { LINKS_BYTES = 16 };
#define LINKS_HERE ((uintptr_t)1)
#define LINKS_CANDIDATE ((uintptr_t)2)
#define LINKS_FINALIZED ((uintptr_t)4)
#define LINKS_DECIDING ((uintptr_t)8)
#define LINKS_LASTING (LINKS_HERE | LINKS_FINALIZED) /* what stays between collections */
#define LINKS_FLAGS ((uintptr_t)15)
#define LINKS_COPY_ONE ((uintptr_t)16) /* one reference in the copy of a count */

struct links {
  uintptr_t previous, next;
} __attribute__((aligned(16)));

struct generation {
  struct links head;
  uint32_t count, threshold; /* of generation 0: allocations minus frees; of n: collections of n - 1 */
  struct gc_generation_stats stats;
};

static GC_INLINE struct links *links_of(gc_ref object) { return (struct links *)(object.bits - LINKS_BYTES); }
static GC_INLINE gc_ref object_of_links(const struct links *links) { return (gc_ref){(uintptr_t)links + LINKS_BYTES}; }
static GC_INLINE struct links *links_previous(const struct links *links) {
  return (struct links *)(links->previous & ~LINKS_FLAGS);
}
static GC_INLINE struct links *links_next(const struct links *links) { return (struct links *)links->next; }
static GC_INLINE void links_set_previous(struct links *links, const struct links *previous) {
  links->previous = (uintptr_t)previous | (links->previous & LINKS_FLAGS);
}
static GC_INLINE bool links_listed(const struct links *links) { return links->next != 0; }
static GC_INLINE bool links_deciding(const struct links *links) { return links->previous & LINKS_DECIDING; }

static GC_INLINE void list_init(struct links *head) { head->previous = head->next = (uintptr_t)head; }
static GC_INLINE bool list_empty(const struct links *head) { return links_next(head) == head; }

static GC_INLINE void list_append(struct links *head, struct links *links) {
  struct links *last = links_previous(head);
  last->next = (uintptr_t)links;
  links_set_previous(links, last);
  links->next = (uintptr_t)head;
  head->previous = (uintptr_t)links;
}
/* A block whose links hold nothing yet. */
static GC_INLINE void list_append_new(struct links *head, struct links *links) {
  struct links *last = links_previous(head);
  last->next = (uintptr_t)links;
  *links = (struct links){(uintptr_t)last | LINKS_HERE, (uintptr_t)head};
  head->previous = (uintptr_t)links;
}
/* Nothing of a running collection stays with it: it may be listed again before that ends. */
static GC_INLINE void list_remove(struct links *links) {
  struct links *previous = links_previous(links), *next = links_next(links);
  previous->next = (uintptr_t)next;
  links_set_previous(next, previous);
  links->previous &= LINKS_LASTING;
  links->next = 0;
}
static GC_INLINE void list_move(struct links *head, struct links *links) {
  struct links *previous = links_previous(links), *next = links_next(links);
  previous->next = (uintptr_t)next;
  links_set_previous(next, previous);
  list_append(head, links);
}

/* All of `from` behind all of `to`. */
static inline void list_merge(struct links *to, struct links *from) {
  if (list_empty(from))
    return;
  struct links *first = links_next(from), *last = links_previous(from), *before = links_previous(to);
  before->next = (uintptr_t)first;
  links_set_previous(first, before);
  last->next = (uintptr_t)to;
  to->previous = (uintptr_t)last;
  list_init(from);
}

static inline uint64_t list_size(const struct links *head) {
  uint64_t size = 0;
  for (const struct links *links = links_next(head); links != head; links = links_next(links))
    size++;
  return size;
}

#endif
