/* memory.h -- CPython 3.11, embedded: objects, counts and collections through its C API.
 *
 * Its programs (pairs, lists, blocks) are its own, since gc.h's questions about cycles and generations have no meaning
 * elsewhere; gclab's side of each is in bench/micro.  The interpreter runs no line of Python for them.  What it holds
 * itself is frozen, so that collections see the programs' objects only. */
#ifndef GC_BENCH_PEERS_MEMORY_H
#define GC_BENCH_PEERS_MEMORY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

enum { MEMORY_COLLECTS = 0 };

/* Threads that are not the interpreter's own hold its lock between these. */
static inline PyGILState_STATE interpreter_enter(void) { return PyGILState_Ensure(); }
static inline void interpreter_leave(PyGILState_STATE state) { PyGILState_Release(state); }

#endif
