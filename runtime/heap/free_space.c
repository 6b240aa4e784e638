#include "runtime/heap/free_space.h"

struct survey {
  struct free_space found;
  size_t run_bytes; /* of the free run that ends where the survey is */
};

static void pass(struct survey *survey, bool is_free, size_t bytes) {
  survey->run_bytes = is_free ? survey->run_bytes + bytes : 0;
  if (!is_free)
    return;
  survey->found.free_bytes += bytes;
  survey->found.largest_run_bytes = size_max(survey->found.largest_run_bytes, survey->run_bytes);
}

static void pass_blocks(struct survey *survey, const struct block *first) {
  for (size_t i = 0; i < CHUNK_BLOCKS; i++)
    pass(survey, block_space(&first[i]) == SPACE_FREE, BLOCK_BYTES);
}

static void pass_pages(struct survey *survey, const uint64_t *in_use) {
  for (size_t page = 0; page < CHUNK_PAGES; page++)
    pass(survey, !(in_use[page / 64] >> (page % 64) & 1), PAGE_BYTES);
}

struct free_space free_space_survey(struct heap_memory *memory) {
  struct survey survey = {0};
  pthread_mutex_lock(&memory->lock);
  size_t chunk_high = atomic_load_explicit(&memory->chunk_high, memory_order_relaxed);
  for (size_t chunk = 0; chunk < chunk_high; chunk++)
    switch (memory_chunk_space(memory, chunk)) {
    case SPACE_FREE: pass(&survey, true, CHUNK_BYTES); break;
    case SPACE_LARGE: pass_pages(&survey, memory->chunk_pages[chunk]); break;
    case SPACE_REGION:
    case SPACE_IMMORTAL: pass(&survey, false, CHUNK_BYTES); break;
    default: pass_blocks(&survey, memory->blocks + chunk * CHUNK_BLOCKS);
    }
  pthread_mutex_unlock(&memory->lock);
  return survey.found;
}
