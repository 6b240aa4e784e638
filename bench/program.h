/* program.h -- the binaries that invocations run: this one, and builds of the same sources that differ in layout.
 *
 * A suite may name several, built with different GC_LINK_SEED, so that the order of code in the binary is one more
 * thing that differs between invocations.  Parent only. */
#ifndef GC_BENCH_PROGRAM_H
#define GC_BENCH_PROGRAM_H

#include <jansson.h>
#include <stdbool.h>

struct program {
  char path[512]; /* "" for this one, wherever it is */
  json_t *build;  /* the record's subject.build */
};

/* This binary. */
void program_self(struct program *program);
/* Asks the binary at `path` what it was built from.  False with one sentence in `message`. */
bool program_read(struct program *program, const char *path, char *message, size_t message_bytes);
void program_fini(struct program *program);

/* "" if its linker wrote none. */
const char *program_build_id(const struct program *program);
/* Whether both are built from the same sources with the same flags: NULL, or what differs. */
const char *program_differs(const struct program *a, const struct program *b);

#endif
