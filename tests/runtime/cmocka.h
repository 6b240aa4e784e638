/* cmocka.h -- cmocka with the headers that it expects, and seeds that are printed and accepted. */
#ifndef TESTS_RUNTIME_CMOCKA_H
#define TESTS_RUNTIME_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The seed of a randomised unit test: `--seed N` on the command line, else from the time; printed either way. */
static uint64_t unit_seed;

static inline void unit_take_seed(int argc, char **argv, uint64_t otherwise) {
  unit_seed = otherwise;
  for (int i = 1; i + 1 < argc; i++)
    if (strcmp(argv[i], "--seed") == 0)
      unit_seed = strtoull(argv[i + 1], NULL, 0);
  printf("seed %llu\n", (unsigned long long)unit_seed);
}

#endif
