/* suite_file.h -- a suite as its author writes it: YAML, read by libcyaml into the structures below.
 *
 * bench/suites/core.yaml shows every key.  What a case leaves out is taken from the suite's own lists; a suite without
 * `cases` is one case.  A wrong file ends the program with one sentence that names file, line and key.  Parent only. */
#ifndef GC_BENCH_SUITE_FILE_H
#define GC_BENCH_SUITE_FILE_H

#include <stdbool.h>

#include "runtime/base/compiler.h"

/* Each collector with each workload, heap and number of threads.  Texts as -c, -w and --heap take them. */
struct suite_case {
  char **collectors, **workloads, **heaps;
  unsigned *threads;
  unsigned collectors_count, workloads_count, heaps_count, threads_count;
};

struct suite_layout {
  unsigned *env_padding_bytes; /* up to so many; NULL: 4096 */
  char *aslr;                  /* on, off or random; NULL: random */
};

/* Pointers are NULL, and plain numbers 0, where the file says nothing. */
struct suite_file {
  char *path; /* as the user wrote it; no key */
  char *label;
  struct suite_case common;
  struct suite_case *cases;
  unsigned cases_count;
  unsigned invocations, iterations, gc_threads;
  unsigned *warmup;
  uint64_t *seed;
  double timeout_s, stalled_s;
  char *placement;
  bool *pin;
  struct suite_layout layout;
  char **binaries;
  unsigned binaries_count;
};

/* Reads `name`: a path, or the name of a suite that comes with gclab.  Exits with EXIT_USAGE if it is wrong. */
struct suite_file *suite_file_load(const char *name);
/* False with errno. */
bool suite_file_save(const struct suite_file *file, const char *path);
void suite_file_free(struct suite_file *file);

/* Exits with EXIT_USAGE: 'FILE', line N: …  The line is the first that holds `value`; NULL: none is named. */
_Noreturn void suite_file_error(const struct suite_file *file, const char *value, const char *format, ...)
    GC_PRINTF(3, 4);

/* bench/suites beside the sources that this binary was built from; NULL if it is not there. */
const char *suite_file_folder(void);
/* Prints the name and the first line of each suite in it. */
void suite_file_list(void);

#endif
