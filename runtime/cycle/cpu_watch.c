#include "runtime/cycle/cpu_watch.h"

#include "runtime/os/clock.h"

void cpu_watch_restart(struct cpu_watch *watch) { watch->read_at_ns = 0; }

void cpu_watch_read(struct cpu_watch *watch, struct gang *gang) {
  if (clock_now_ns() - watch->read_at_ns < CPU_WATCH_FRESH_NS)
    return;
  watch->driver_ns = clock_thread_cpu_ns();
  watch->collector_ns = watch->driver_ns + gang_cpu_ns(gang);
  watch->read_at_ns = clock_now_ns();
  watch->readings++;
}
