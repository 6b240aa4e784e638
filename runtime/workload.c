#include "runtime/workload.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/base/check.h"

void work_fail(const struct gc_work *work, const char *format, ...) {
  char message[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (work->fail)
    work->fail(work, message);
  check_failed(__FILE__, __LINE__, "the workload computed what it should", "%s", message);
}
