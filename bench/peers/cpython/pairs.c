/* pairs.c -- two objects that refer to each other are made and dropped, again and again; what the collections cost that
 * this starts, included: gclab's loop `pair_cycle`.
 *
 * The object is as lean as the C API allows: a type written in C with two references, no dictionary, no finalizer. */
#include "bench/peers/peer.h"

enum { P_COUNT };
static const struct gc_option params[] = {
    {"count", GC_OPTION_INT, 1, 1e12, .fallback = "2000000", .help = "pairs that are made and dropped"}, {0}};

struct node {
  PyObject_HEAD
  PyObject *left, *right;
};
static uint64_t died; /* since the iteration began */

static int node_traverse(PyObject *self, visitproc visit, void *arg) {
  struct node *node = (struct node *)self;
  Py_VISIT(node->left);
  Py_VISIT(node->right);
  return 0;
}
static int node_clear(PyObject *self) {
  struct node *node = (struct node *)self;
  Py_CLEAR(node->left);
  Py_CLEAR(node->right);
  return 0;
}
static void node_dealloc(PyObject *self) {
  PyObject_GC_UnTrack(self);
  node_clear(self);
  died++;
  PyObject_GC_Del(self);
}

static PyTypeObject node_type = {
    PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "node",
    .tp_basicsize = sizeof(struct node),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = node_traverse,
    .tp_clear = node_clear,
    .tp_dealloc = node_dealloc,
};

static struct node *node_new(void) {
  struct node *node = PyObject_GC_New(struct node, &node_type);
  if (!node)
    peer_out_of_memory();
  node->left = node->right = NULL;
  PyObject_GC_Track(node);
  return node;
}

static void prepare(struct peer_thread *thread) {
  (void)thread;
  PyGILState_STATE state = interpreter_enter();
  if (PyType_Ready(&node_type) < 0)
    peer_fail("CPython refuses the type");
  died = 0;
  interpreter_leave(state);
}

static void run(struct peer_thread *thread) {
  uint64_t count = (uint64_t)peer_int(thread, P_COUNT);
  PyGILState_STATE state = interpreter_enter();
  for (uint64_t i = 0; i < count; i++) {
    struct node *a = node_new(), *b = node_new();
    a->left = Py_NewRef((PyObject *)b);
    b->left = Py_NewRef((PyObject *)a);
    Py_DECREF(a);
    Py_DECREF(b);
  }
  interpreter_leave(state);
  thread->ops = count;
}

/* All but the youngest. */
static void check(const struct peer_run *run) {
  enum { YOUNG = 1000 };
  if (died + YOUNG < 2 * run->thread[0].ops)
    peer_fail("%llu of %llu objects died", (unsigned long long)died, (unsigned long long)(2 * run->thread[0].ops));
}

static void drop(struct peer_thread *thread) {
  (void)thread;
  PyGILState_STATE state = interpreter_enter();
  PyGC_Collect();
  interpreter_leave(state);
}

const struct peer_program peer_pairs = {
    .name = "pairs", .params = params, .prepare = prepare, .run = run, .check = check, .drop = drop};
