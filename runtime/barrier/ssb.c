#include "runtime/barrier/ssb.h"

#include <stdlib.h>

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"

void ssb_set_init(struct ssb_set *set) {
  *set = (struct ssb_set){0};
  pthread_mutex_init(&set->lock, NULL);
}

static void free_list(struct ssb_segment *segment) {
  while (segment) {
    struct ssb_segment *next = segment->next;
    free(segment);
    segment = next;
  }
}

void ssb_set_fini(struct ssb_set *set) {
  free_list(set->full);
  free_list(set->spare);
  pthread_mutex_destroy(&set->lock);
}

static struct ssb_segment *take_spare_locked(struct ssb_set *set) {
  struct ssb_segment *segment = set->spare;
  if (segment) {
    set->spare = segment->next;
    return segment;
  }
  segment = malloc(sizeof *segment);
  GC_CHECK(0, segment != NULL, "no memory for the remembered set: %zu segments are in use", set->segments);
  set->segments++;
  return segment;
}

static void hand_over_locked(struct ssb_buffer *buffer) {
  if (!buffer->segment)
    return;
  buffer->segment->next = buffer->set->full;
  buffer->set->full = buffer->segment;
  buffer->segment = NULL;
}

void ssb_refill(struct ssb_buffer *buffer) {
  pthread_mutex_lock(&buffer->set->lock);
  if (!GC_MUTANT(ssb_full_segment_dropped))
    hand_over_locked(buffer);
  buffer->segment = take_spare_locked(buffer->set);
  buffer->segment->count = 0;
  pthread_mutex_unlock(&buffer->set->lock);
}

void ssb_flush(struct ssb_buffer *buffer) {
  if (!buffer->segment || buffer->segment->count == 0)
    return;
  pthread_mutex_lock(&buffer->set->lock);
  hand_over_locked(buffer);
  pthread_mutex_unlock(&buffer->set->lock);
}

struct ssb_segment *ssb_take(struct ssb_set *set) {
  pthread_mutex_lock(&set->lock);
  struct ssb_segment *segment = set->full;
  if (segment)
    set->full = segment->next;
  pthread_mutex_unlock(&set->lock);
  return segment;
}

void ssb_give_back(struct ssb_set *set, struct ssb_segment *segment) {
  pthread_mutex_lock(&set->lock);
  segment->next = set->spare;
  set->spare = segment;
  pthread_mutex_unlock(&set->lock);
}

void ssb_forget(struct ssb_set *set) {
  for (struct ssb_segment *segment; (segment = ssb_take(set));)
    ssb_give_back(set, segment);
}

void ssb_move_full(struct ssb_set *to, struct ssb_set *from) {
  GC_CHECK(1, to->full == NULL, "segments are left from the last cycle");
  to->full = from->full;
  from->full = NULL;
}

size_t ssb_bytes(struct ssb_set *set) {
  pthread_mutex_lock(&set->lock);
  size_t bytes = set->segments * sizeof(struct ssb_segment);
  pthread_mutex_unlock(&set->lock);
  return bytes;
}
