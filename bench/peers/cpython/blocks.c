/* blocks.c -- rounds of PyObject_Malloc and PyObject_Free, which are pymalloc (block_rounds.h).  An operation is one
 * block, taken and given back. */
#include "bench/peers/block_rounds.h"
#include "bench/peers/peer.h"

enum { P_BYTES, P_ORDER, P_ROUNDS };
enum { ORDER_MIXED = 1 };
static const char *const orders[] = {"lifo", "mixed", NULL};
static const struct gc_option params[] = {
    {"bytes", GC_OPTION_INT, 0, BLOCK_SIZES_MAX_BYTES, .fallback = "0", .help = "size of a block; 0: 16 to 512"},
    {"order", GC_OPTION_CHOICE, .choices = orders, .fallback = "lifo", .help = "in which blocks are given back"},
    {"rounds", GC_OPTION_INT, 1, 1e9, .fallback = "2000", .help = "of 1024 blocks"},
    {0}};

static void *take(void *heap, size_t bytes) {
  (void)heap;
  return PyObject_Malloc(bytes);
}
static void give(void *heap, void *block) {
  (void)heap;
  PyObject_Free(block);
}

static void run(struct peer_thread *thread) {
  static struct block_round round;
  uint64_t rounds = (uint64_t)peer_int(thread, P_ROUNDS);
  PyGILState_STATE state = interpreter_enter();
  block_round_init(&round, (size_t)peer_int(thread, P_BYTES), peer_int(thread, P_ORDER) == ORDER_MIXED,
                   thread->run->seed);
  for (uint64_t i = 0; i < rounds; i++)
    if (!block_round_run(&round, NULL, take, give))
      peer_out_of_memory();
  interpreter_leave(state);
  thread->ops = rounds * BLOCK_ROUND;
}

static void check(const struct peer_run *run) { (void)run; }
static void drop(struct peer_thread *thread) { (void)thread; }

const struct peer_program peer_blocks = {.name = "blocks", .params = params, .run = run, .check = check, .drop = drop};
