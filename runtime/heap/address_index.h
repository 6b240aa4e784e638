/* address_index.h -- finds the entries of a table by an object's address, for plans that know each death at once.
 *
 * The table keeps its entries in an array; the index chains the positions of entries whose keys hash alike, in two
 * arrays of 32-bit positions beside it.  The user compares the keys.  Built when first asked for and thrown away
 * when the table is rearranged, so tables of tracing collectors, which never look up, pay one test per entry.
 * No lock of its own: the table's. */
#ifndef GC_HEAP_ADDRESS_INDEX_H
#define GC_HEAP_ADDRESS_INDEX_H

#include "runtime/base/compiler.h"

struct address_index {
  uint32_t *heads; /* capacity of them: position + 1 of the newest entry of a chain */
  uint32_t *next;  /* capacity of them: position + 1 of the entry after this one */
  size_t capacity; /* a power of two; entries at most */
  bool built;
};

void address_index_fini(struct address_index *index);

/* Empties the index and makes room for `entries`.  False if memory was refused; then it is not built. */
bool address_index_begin(struct address_index *index, size_t entries);

/* Enters position `at` under `key`.  If there is no room the index is no longer built. */
void address_index_add(struct address_index *index, uintptr_t key, size_t at);
/* The position is entered under this key. */
void address_index_remove(struct address_index *index, uintptr_t key, size_t at);

static GC_INLINE size_t address_index_hash(const struct address_index *index, uintptr_t key) {
  return (key * 0x9e3779b97f4a7c15u >> 20) & (index->capacity - 1);
}

/* Position + 1 of the first entry whose key may be `key`, and of the one after position `at`; 0 if there is none. */
static GC_INLINE uint32_t address_index_first(const struct address_index *index, uintptr_t key) {
  return index->heads[address_index_hash(index, key)];
}
static GC_INLINE uint32_t address_index_next(const struct address_index *index, size_t at) { return index->next[at]; }

static GC_INLINE size_t address_index_bytes(const struct address_index *index) {
  return index->capacity * (sizeof *index->heads + sizeof *index->next);
}

#endif
