/* cpython.h -- one CPython 3.11 that plays script after script (cpython_driver.py), each in a forked child of its own.
 *
 * The driver is written to memory that the child opens as a file; nothing is left behind.  The bench process only. */
#ifndef GC_BENCH_VECTORS_CPYTHON_H
#define GC_BENCH_VECTORS_CPYTHON_H

#include <sys/types.h>

#include "bench/vectors/answers.h"

struct cpython {
  pid_t pid;
  FILE *scripts;
  struct answer_pipe answers;
  char version[32]; /* "3.11.7" */
};

/* Starts python3.11, or else python3.  False with one sentence in `message`, also if it is another version. */
bool cpython_open(struct cpython *cpython, char *message, size_t message_bytes);
/* False if it could not play all of the script: see answers->problem. */
bool cpython_play(struct cpython *cpython, const struct script *script, struct answers *answers);
void cpython_close(struct cpython *cpython);

#endif
