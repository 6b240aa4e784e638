#include "runtime/heap/address_index.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/check.h"

void address_index_fini(struct address_index *index) {
  free(index->heads);
  free(index->next);
  *index = (struct address_index){0};
}

bool address_index_begin(struct address_index *index, size_t entries) {
  size_t capacity = index->capacity ? index->capacity : 64;
  while (capacity < entries)
    capacity *= 2;
  if (capacity != index->capacity) {
    address_index_fini(index);
    index->heads = malloc(capacity * sizeof *index->heads);
    index->next = malloc(capacity * sizeof *index->next);
    if (!index->heads || !index->next) {
      address_index_fini(index);
      return false;
    }
    index->capacity = capacity;
  }
  memset(index->heads, 0, capacity * sizeof *index->heads);
  index->built = true;
  return true;
}

void address_index_add(struct address_index *index, uintptr_t key, size_t at) {
  if (!index->built)
    return;
  if (at >= index->capacity) {
    index->built = false;
    return;
  }
  uint32_t *head = &index->heads[address_index_hash(index, key)];
  index->next[at] = *head;
  *head = (uint32_t)at + 1;
}

void address_index_remove(struct address_index *index, uintptr_t key, size_t at) {
  if (!index->built)
    return;
  uint32_t *link = &index->heads[address_index_hash(index, key)];
  while (*link != (uint32_t)at + 1) {
    GC_CHECK(0, *link, "position %zu is not in the index", at);
    link = &index->next[*link - 1];
  }
  *link = index->next[at];
}
