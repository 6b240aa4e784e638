#include "runtime/os/perf.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PERF_NAME(name, ...) #name,
const char *const perf_names[PERF_EVENT_COUNT] = {PERF_SOFTWARE_EVENTS(PERF_NAME) PERF_HARDWARE_EVENTS(PERF_NAME)};
#undef PERF_NAME

static const struct software_row {
  uint64_t config;
  bool in_kernel;
} software[] = {
#define PERF_ROW(name, config, in_kernel) {config, in_kernel},
    PERF_SOFTWARE_EVENTS(PERF_ROW)
#undef PERF_ROW
};

static const char *const hardware[] = {
#define PERF_ROW(name, pfm_name) pfm_name,
    PERF_HARDWARE_EVENTS(PERF_ROW)
#undef PERF_ROW
};

/* The kernel's refusal in words. */
static void explain(struct perf_counter *counter, int error) {
  const char *words = NULL;
  switch (error) {
  case ENOENT:
  case ENODEV:
  case EOPNOTSUPP: words = "this machine does not offer the counter"; break;
  case EACCES:
  case EPERM: words = "the kernel forbids it; see kernel.perf_event_paranoid"; break;
  case ENOSYS: words = "the kernel has no performance counters, or a container hides them"; break;
  case EMFILE: words = "too many open files"; break;
  }
  if (words)
    snprintf(counter->why_not, sizeof counter->why_not, "%s (%s)", words, strerrorname_np(error));
  else
    snprintf(counter->why_not, sizeof counter->why_not, "perf_event_open: %s", strerror(error));
}

/* Kernel and user code if that is allowed, else user code alone. */
static void open_counter(struct perf_counter *counter, struct perf_event_attr *attributes) {
  attributes->size = sizeof *attributes;
  attributes->inherit = 1;
  attributes->exclude_hv = 1;
  attributes->read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  for (unsigned user_only = 0; user_only < 2; user_only++) {
    attributes->exclude_kernel = user_only;
    counter->user_only = user_only;
    counter->fd = (int)syscall(SYS_perf_event_open, attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (counter->fd >= 0 || (errno != EACCES && errno != EPERM))
      break;
  }
  if (counter->fd < 0)
    explain(counter, errno);
}

static void open_software(struct perf_counter *counter, const struct software_row *row) {
  struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .config = row->config};
  open_counter(counter, &attributes);
  if (counter->fd >= 0 && counter->user_only && row->in_kernel) {
    close(counter->fd);
    counter->fd = -1;
    snprintf(counter->why_not, sizeof counter->why_not,
             "it happens in the kernel, which may not be watched; see kernel.perf_event_paranoid");
  }
}

static void open_hardware(struct perf_counter *counter, const char *pfm_name) {
  struct perf_event_attr attributes = {0};
  pfm_perf_encode_arg_t argument = {.attr = &attributes, .size = sizeof argument};
  int status = pfm_initialize(); /* once is enough; more often does nothing */
  if (status == PFM_SUCCESS)
    status = pfm_get_os_event_encoding(pfm_name, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT, &argument);
  if (status == PFM_SUCCESS) {
    open_counter(counter, &attributes);
    return;
  }
  counter->fd = -1;
  snprintf(counter->why_not, sizeof counter->why_not, "libpfm4: %s", pfm_strerror(status));
}

void perf_open(struct perf_set *set) {
  *set = (struct perf_set){0};
  for (unsigned i = 0; i < PERF_SOFTWARE_COUNT; i++)
    open_software(&set->counters[i], &software[i]);
  for (unsigned i = PERF_SOFTWARE_COUNT; i < PERF_EVENT_COUNT; i++)
    open_hardware(&set->counters[i], hardware[i - PERF_SOFTWARE_COUNT]);
}

bool perf_read(const struct perf_set *set, enum perf_event event, struct perf_value *value) {
  *value = (struct perf_value){0};
  uint64_t words[3];
  int fd = set->counters[event].fd;
  if (fd < 0 || read(fd, words, sizeof words) != sizeof words)
    return false;
  *value = (struct perf_value){words[0], words[1], words[2]};
  return true;
}

void perf_run(const struct perf_set *set, bool count) {
  for (unsigned i = 0; i < PERF_EVENT_COUNT; i++)
    if (set->counters[i].fd >= 0)
      ioctl(set->counters[i].fd, count ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
}

void perf_close(struct perf_set *set) {
  for (unsigned i = 0; i < PERF_EVENT_COUNT; i++)
    if (set->counters[i].fd >= 0)
      close(set->counters[i].fd);
}
