#include "bench/vectors/answers.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/launch.h"

enum { SILENCE_MS = 60000, READ_BYTES = 65536 };

void answers_init(struct answers *answers, size_t op_count) {
  *answers = (struct answers){.texts = calloc(op_count ? op_count : 1, sizeof answers->texts[0]), .count = op_count};
}

void answers_fini(struct answers *answers) {
  for (size_t i = 0; i < answers->count; i++)
    free(answers->texts[i]);
  free(answers->texts);
  *answers = (struct answers){0};
}

void answers_set(struct answers *answers, size_t index, const char *text) {
  if (index >= answers->count)
    return;
  free(answers->texts[index]);
  answers->texts[index] = strdup(text);
}

/* Reads what is there.  False at the end, after a silence, or if the user interrupts. */
static bool fill(struct answer_pipe *from, int timeout_ms) {
  struct pollfd wait = {.fd = from->fd, .events = POLLIN};
  int ready;
  do
    ready = poll(&wait, 1, timeout_ms);
  while (ready < 0 && errno == EINTR && !launch_interrupted());
  if (ready <= 0)
    return false;
  memmove(from->bytes, from->bytes + from->begin, from->end - from->begin);
  from->end -= from->begin;
  from->begin = 0;
  if (from->capacity < from->end + READ_BYTES)
    from->bytes = realloc(from->bytes, from->capacity = 2 * from->end + READ_BYTES);
  ssize_t bytes = read(from->fd, from->bytes + from->end, READ_BYTES);
  from->end += bytes > 0 ? (size_t)bytes : 0;
  return bytes > 0;
}

char *answer_pipe_line(struct answer_pipe *from, int timeout_ms) {
  for (;;) {
    char *line = from->bytes + from->begin;
    char *end = from->end > from->begin ? memchr(line, '\n', from->end - from->begin) : NULL;
    if (end) {
      *end = '\0';
      from->begin = (size_t)(end + 1 - from->bytes);
      return line;
    }
    if (!fill(from, timeout_ms))
      return NULL;
  }
}

bool answers_read(struct answers *answers, struct answer_pipe *from) {
  char *line, *tab;
  while ((line = answer_pipe_line(from, SILENCE_MS)) && strcmp(line, "end") != 0) {
    if (strncmp(line, "error ", 6) == 0) {
      snprintf(answers->problem, sizeof answers->problem, "%s", line + 6);
      return false;
    }
    if ((tab = strchr(line, '\t')))
      answers_set(answers, strtoul(line, NULL, 10), tab + 1);
  }
  if (!line)
    snprintf(answers->problem, sizeof answers->problem, "it ended, or said nothing for %d s, in the middle of a script",
             SILENCE_MS / 1000);
  return line;
}

void answer_pipe_fini(struct answer_pipe *from) {
  close(from->fd);
  free(from->bytes);
}
