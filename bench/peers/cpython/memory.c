/* memory.c -- starts the interpreter: nothing imported that it does not need, no file of the user's read. */
#include "bench/peers/cpython/memory.h"

#include "bench/peers/peer.h"

const char memory_system[] = "CPython " PY_VERSION;

static bool freeze(void) {
  PyObject *gc = PyImport_ImportModule("gc");
  PyObject *result = gc ? PyObject_CallMethod(gc, "freeze", NULL) : NULL;
  bool frozen = result != NULL;
  Py_XDECREF(result);
  Py_XDECREF(gc);
  return frozen;
}

const char *memory_init(size_t heap_bytes, unsigned gc_threads) {
  if (heap_bytes)
    return "CPython has no heap limit: leave --heap out";
  if (gc_threads)
    return "CPython has no collector threads: leave --gc-threads out";
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  config.site_import = 0;
  PyStatus status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status))
    return status.err_msg;
  if (!freeze())
    return "CPython's module gc does not answer";
  PyEval_SaveThread(); /* each program's thread takes the lock */
  return NULL;
}

void *memory_roots(size_t bytes) { return calloc(1, bytes); }
void memory_collect(void) {}
size_t memory_heap_bytes(void) { return 0; }
uint64_t memory_collections(void) { return 0; }
