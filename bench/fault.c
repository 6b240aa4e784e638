#include "bench/fault.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

void fault_commit(const char *name) {
  if (!name)
    return;
  if (strcmp(name, "crash") == 0)
    raise(SIGSEGV);
  if (strcmp(name, "leave") == 0)
    _exit(3);
  if (strcmp(name, "hang") == 0)
    for (;;)
      pause();
  for (volatile unsigned rounds = 0; strcmp(name, "spin") == 0;)
    rounds++;
}

uint64_t fault_checksum(const char *name, uint64_t checksum) {
  return name && strcmp(name, "checksum") == 0 ? ~checksum : checksum;
}
