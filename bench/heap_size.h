/* heap_size.h -- what --heap says: bytes, or a factor of the smallest heap in which the workload completes.
 *
 * Parent only.  Nothing wrong is corrected: it ends in a usage error. */
#ifndef GC_BENCH_HEAP_SIZE_H
#define GC_BENCH_HEAP_SIZE_H

#include "bench/minheap.h"
#include "bench/subject.h"

/* Either *bytes or *factor is set, the other is 0.  The second returns false with one sentence in `message`. */
void heap_size_read(const char *text, size_t *bytes, double *factor);
bool heap_size_parse(const char *text, size_t *bytes, double *factor, char *message, size_t message_bytes);

/* In bytes, in whole pages. */
size_t heap_size_of_factor(double factor, size_t least_bytes);

/* Refuses a heap in which not even an empty collector could start.  The second returns false with one sentence. */
void heap_size_require_least(const struct collector_choice *collector, size_t heap_bytes, const char *text);
bool heap_size_suffices(const struct collector_choice *collector, size_t heap_bytes, const char *text, char *message,
                        size_t message_bytes);

/* Measures or looks up the smallest heap.  False if the user interrupted it, which is said. */
bool heap_size_find_least(struct minheap *found, const struct options *options, const struct workload_choice *workload);

#endif
