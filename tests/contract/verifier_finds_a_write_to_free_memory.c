/* verifier_finds_a_write_to_free_memory.c -- an object dies, and its memory is free; a word of it is written to, and
 * verifier `free` says so when that memory is handed out again.  Small objects and large ones. */
#include "tests/support/suite.h"

enum { GRAVE_HEAP_BYTES = 4 * 1024 * 1024, GRAVE_LARGE_BYTES = 200 * 1024, GRAVE_ROUNDS = 8 };

struct grave {
  size_t bytes; /* of raw objects; 0: small ones of a fixed type */
  bool write;
};

static gc_ref grave_new(struct gc_mutator *m, const struct grave *grave) {
  return grave->bytes ? gc_alloc_raw(m, grave->bytes) : GC_NEW(m, leaf);
}

static void write_to_grave(void *argument) {
  const struct grave *grave = argument;
  struct gc_heap_config config = suite_config(GRAVE_HEAP_BYTES);
  config.verify = VERIFY(free);
  suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  GC_ROOTS(m, r, dying, beside);
  gc_set(m, &r.dying, grave_new(m, grave));
  gc_set(m, &r.beside, grave_new(m, grave)); /* so that the place is not taken up again at once */
  uintptr_t dead = suite_address(gc_get(m, &r.dying));
  gc_set(m, &r.dying, GC_NULL);
  suite_settle(m);
  if (grave->write)
    *(uint64_t *)(dead + 8) = 42;
  for (size_t done = 0; done < GRAVE_ROUNDS * (size_t)GRAVE_HEAP_BYTES; done += grave->bytes ? grave->bytes : 16)
    grave_new(m, grave);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}

TEST(verifier_finds_a_write_to_free_memory) {
  NOT_UNDER_STRESS();
  NEEDS(reclaims);
  for (int large = 0; large < 2; large++) {
    struct grave grave = {.bytes = large ? GRAVE_LARGE_BYTES : 0};
    char text[2048];
    int status = suite_child(write_to_grave, &grave, text, sizeof text);
    EXPECT(status == 0, "without a fault: wait status %x, having said: %s", status, text);
    grave.write = true;
    suite_expect_abort(write_to_grave, &grave, "verifier free: free memory was written to");
  }
}
