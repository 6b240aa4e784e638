/* block_benchmarks.c -- taking a block from the private heap and giving it back, for some sizes and two orders. */
#include <stdio.h>

#include "bench/gbench_shim.h"
#include "bench/micro/benchmarks.h"
#include "bench/micro/blocks.h"

static void run_blocks(struct gbench_state *state, void *user) {
  static struct blocks blocks;
  const bool *mixed = user;
  if (!blocks_init(&blocks, (size_t)gbench_argument(state, 0), *mixed)) {
    gbench_skip_with_error(state, "no memory for a private heap");
    return;
  }
  while (gbench_keep_running_batch(state, BLOCK_ROUND))
    if (!blocks_run(&blocks, 1))
      gbench_skip_with_error(state, "the private heap has no room");
  blocks_fini(&blocks);
}

void micro_register_blocks(void) {
  static const int64_t sizes[] = {16, 64, 256, 512, 0}; /* 0: 16 to 512 */
  static const bool orders[] = {false, true};
  static const char *const names[] = {"runtime/blocks_lifo", "runtime/blocks_mixed"};
  for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
    struct gbench *b = gbench_register(names[i], run_blocks, (void *)&orders[i]);
    gbench_arg_names(b, (const char *const[]){"bytes"}, 1);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
      gbench_arg(b, sizes[k]);
  }
}
