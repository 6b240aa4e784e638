#include "runtime/os/run_delay.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/os/processor.h"

enum { UNASKED = -2, REFUSED = -1 };

static _Thread_local int here = UNASKED;
static pthread_key_t at_exit;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void close_at_exit(void *address) { close(*(int *)address); }
static void make_key(void) { pthread_key_create(&at_exit, close_at_exit); }

int run_delay_of_this_thread(void) {
  if (here != UNASKED)
    return here;
  here = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  pthread_once(&once, make_key);
  if (here != REFUSED)
    pthread_setspecific(at_exit, &here);
  return here;
}

bool run_delay_read(int number, uint64_t *delay_ns) {
  char line[80]; /* "time on a processor, time waiting for one, slices" */
  *delay_ns = 0;
  ssize_t length = number >= 0 ? pread(number, line, sizeof line - 1, 0) : -1;
  if (length <= 0)
    return false;
  line[length] = 0;
  char *end;
  strtoull(line, &end, 10);
  *delay_ns = strtoull(end, NULL, 10);
  return true;
}

bool run_delay_here(uint64_t *delay_ns) {
  static _Thread_local struct {
    uint64_t delay_ns, losses; /* as of so many losses of the processor; 0: never read */
    bool known;
  } last;
  uint64_t losses = processor_losses(); /* before it asks: a loss in between makes the next call ask again */
  if (losses != last.losses) {
    last.losses = losses;
    last.known = run_delay_read(run_delay_of_this_thread(), &last.delay_ns);
  }
  *delay_ns = last.delay_ns;
  return last.known;
}
