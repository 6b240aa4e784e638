/* env.h -- what the numbers were measured on: the build and the machine, as JSON.
 *
 * Names no host, no user and no path.  What this machine does not tell is null with a reason.  Parent only. */
#ifndef GC_BENCH_ENV_H
#define GC_BENCH_ENV_H

#include <jansson.h>

/* Written by the build (bench/build_info.cmake). */
extern const char build_git[], build_compiler[], build_flags[];
extern const int build_link_seed; /* GC_LINK_SEED: the order of code in this binary */
extern const int build_dirty; /* the working tree differed from build_git; -1: not known */

json_t *env_build(void);
json_t *env_machine(void);

/* The linker's identifier of this binary in hexadecimal, "" if it has none. */
const char *env_build_id(void);

/* "2026-11-21T03:04:05Z", now. */
void env_format_utc(char *text, size_t text_bytes);

#endif
