/* lists.c -- full collections of a list of empty lists, all alive: gclab's `collect_lists`.  An operation is one list
 * in one collection. */
#include "bench/peers/peer.h"

enum { P_LISTS, P_COLLECTIONS };
static const struct gc_option params[] = {
    {"lists", GC_OPTION_INT, 1, 1e9, .fallback = "1000000", .help = "empty lists"},
    {"collections", GC_OPTION_INT, 1, 1e6, .fallback = "5", .help = "collections that are timed"},
    {0}};

/* They grow old, so that the collections to be timed move nothing between generations. */
static void prepare(struct peer_thread *thread) {
  Py_ssize_t count = (Py_ssize_t)peer_int(thread, P_LISTS);
  PyGILState_STATE state = interpreter_enter();
  PyObject *outer = PyList_New(count);
  for (Py_ssize_t i = 0; outer && i < count; i++) {
    PyObject *inner = PyList_New(0);
    if (!inner)
      peer_out_of_memory();
    PyList_SET_ITEM(outer, i, inner);
  }
  if (!outer)
    peer_out_of_memory();
  thread->kept[0] = outer;
  PyGC_Collect();
  interpreter_leave(state);
}

static void run(struct peer_thread *thread) {
  uint64_t collections = (uint64_t)peer_int(thread, P_COLLECTIONS);
  PyGILState_STATE state = interpreter_enter();
  for (uint64_t i = 0; i < collections; i++)
    thread->sum += (uint64_t)PyGC_Collect();
  interpreter_leave(state);
  thread->ops = collections * (uint64_t)peer_int(thread, P_LISTS);
}

static void check(const struct peer_run *run) {
  if (run->thread[0].sum)
    peer_fail("%llu objects were garbage, where all are alive", (unsigned long long)run->thread[0].sum);
}

static void drop(struct peer_thread *thread) {
  PyGILState_STATE state = interpreter_enter();
  Py_XDECREF((PyObject *)thread->kept[0]);
  interpreter_leave(state);
}

const struct peer_program peer_lists = {
    .name = "lists", .params = params, .prepare = prepare, .run = run, .check = check, .drop = drop};
