/* answers.h -- what a player, or CPython, answered to the queries of one script, read from a pipe as it comes.
 *
 * Lines: the index of the operation, a tab and the answer; at the end `end`, or `error` and a sentence.  The driver and
 * the processes of players speak the same.  The bench process only, one thread. */
#ifndef GC_BENCH_VECTORS_ANSWERS_H
#define GC_BENCH_VECTORS_ANSWERS_H

#include "bench/vectors/script.h"

struct answers {
  char **texts; /* by the index of the operation; NULL: none */
  size_t count;
  char problem[512]; /* "", or why they are not complete */
};

/* The reading end of a pipe. */
struct answer_pipe {
  int fd;
  char *bytes; /* read, not taken yet */
  size_t begin, end, capacity;
};

/* Room for the answers of so many operations. */
void answers_init(struct answers *answers, size_t op_count);
void answers_fini(struct answers *answers);
void answers_set(struct answers *answers, size_t index, const char *text);

/* Reads until the end of a script.  False if the other side said an error, or no line for a minute, or is gone. */
bool answers_read(struct answers *answers, struct answer_pipe *from);
/* One line without its new line, valid until the next call; NULL at the end, or after `timeout_ms` without one. */
char *answer_pipe_line(struct answer_pipe *from, int timeout_ms);
void answer_pipe_fini(struct answer_pipe *from);

#endif
