/* run_filter.h -- which records of a run are meant: the `collector=satb,heap_factor=2` after RUN and a colon.
 *
 * A record passes if for every key that is named it has one of the values named with it, so that
 * `collector=satb,collector=marksweep,heap_factor=2` are two collectors at one heap.  Parent only. */
#ifndef GC_BENCH_RUN_FILTER_H
#define GC_BENCH_RUN_FILTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { RUN_FILTER_MAX = 32, RUN_FILTER_SEEN_MAX = 256 };

struct run_filter {
  struct run_condition {
    char key[64], value[128];
    bool met;     /* some record has it */
    json_t *seen; /* the texts that records have there instead, at most RUN_FILTER_SEEN_MAX; an array, or NULL */
  } conditions[RUN_FILTER_MAX];
  size_t count;
};

/* Reads `key=value,…`.  Returns true, or false with one sentence in `message`, suggesting the nearest key. */
bool run_filter_read(struct run_filter *filter, const char *text, char *message, size_t message_bytes);

/* Whether the record passes; remembers which conditions it meets. */
bool run_filter_passes(struct run_filter *filter, const json_t *record);

/* Which of the texts that records have there is nearest to the condition's; NULL if none is near. */
const char *run_filter_nearest(const struct run_condition *condition);

void run_filter_free(struct run_filter *filter);

/* The keys and what they mean, as text for `gclab help`. */
void run_filter_describe(char *text, size_t text_bytes);

#endif
