/* tests.h -- what test_workloads does with a workload. */
#ifndef TESTS_WORKLOADS_TESTS_H
#define TESTS_WORKLOADS_TESTS_H

#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* Each returns how many failures it printed. */
int differential_test(const char *workload, uint64_t seed);
int corruption_test(const char *workload, uint64_t seed);
int planted_test(const char *workload, uint64_t seed);
int figures_test(const char *workload, uint64_t seed);

#endif
