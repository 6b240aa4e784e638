/* doctor.h -- `gclab doctor`: what of this machine will bias a result, and what to do about it.  Returns its exit code:
 * with --strict EXIT_ENVIRONMENT if anything will. */
#ifndef GC_BENCH_DOCTOR_H
#define GC_BENCH_DOCTOR_H

#include "bench/options.h"

int command_doctor(const struct options *options);

#endif
