#include "runtime/base/mutant.h"

#if GC_MUTANTS_ENABLED

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum mutant mutant_on;
int mutant_check_level = 3;

const struct mutant_row mutant_rows[MUTANT_COUNT] = {
    {"none", MUTANT_CODE, "", "", "", ""},
#define GC_MUTANT_ROW(name, kind, plans, file, model, invariant)                                 \
  {#name, MUTANT_##kind, plans, file, model, invariant},
#include "runtime/base/mutants.def"
#undef GC_MUTANT_ROW
};

/* Before main, so that no thread sees it change. */
__attribute__((constructor)) static void read_environment(void) {
  const char *name = getenv("GC_MUTANT"), *checks = getenv("GC_CHECKS");
  if (checks)
    mutant_check_level = atoi(checks);
  while (name && strcmp(mutant_rows[mutant_on].name, name) != 0)
    if (++mutant_on == MUTANT_COUNT) {
      fprintf(stderr, "gclab: there is no mutant '%s'; `gclab mutants --list` names them\n", name);
      exit(2);
    }
}

#endif
