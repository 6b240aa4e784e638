#include "bench/counters.h"

#include "bench/report.h"

void counters_open(struct counters *counters) {
  *counters = (struct counters){.on = true};
  perf_open(&counters->set);
}

void counters_run(const struct counters *counters, bool count) {
  if (counters->on)
    perf_run(&counters->set, count);
}

void counters_begin(struct counters *counters) {
  for (unsigned i = 0; counters->on && i < PERF_EVENT_COUNT; i++)
    perf_read(&counters->set, (enum perf_event)i, &counters->before[i]);
}

void counters_end(struct counters *counters) {
  for (unsigned i = 0; counters->on && i < PERF_EVENT_COUNT; i++) {
    struct perf_value now, *before = &counters->before[i], *sum = &counters->sum[i];
    if (!perf_read(&counters->set, (enum perf_event)i, &now))
      continue;
    sum->value += now.value - before->value;
    sum->enabled_ns += now.enabled_ns - before->enabled_ns;
    sum->running_ns += now.running_ns - before->running_ns;
  }
}

/* A counter that was not counting all the time has a value that nobody should compare. */
static const char *why_no_value(const struct counters *counters, unsigned event) {
  const struct perf_value *sum = &counters->sum[event];
  if (!counters->on)
    return "not counted: --instrumentation=off";
  if (counters->set.counters[event].fd < 0)
    return counters->set.counters[event].why_not;
  if (sum->running_ns < sum->enabled_ns)
    return "it counted only a part of the time, since other counters took its place";
  return NULL;
}

json_t *counters_report(const struct counters *counters, uint64_t stw_cpu_ns) {
  json_t *rows = json_array();
  for (unsigned i = 0; i < PERF_EVENT_COUNT; i++) {
    const struct perf_value *sum = &counters->sum[i];
    const char *why_not = why_no_value(counters, i);
    bool open = counters->on && counters->set.counters[i].fd >= 0;
    json_t *row = json_pack("{ss so so so sb sb ss?}", "name", perf_names[i], "value",
                            why_not ? json_null() : json_integer((json_int_t)sum->value), "enabled_ns",
                            open ? json_integer((json_int_t)sum->enabled_ns) : json_null(), "running_ns",
                            open ? json_integer((json_int_t)sum->running_ns) : json_null(), "supported", open,
                            "user_only", counters->set.counters[i].user_only, "why_not", why_not);
    if (i == PERF_task_clock_ns && !why_not) {
      json_object_set_new(row, "stw", json_integer((json_int_t)stw_cpu_ns));
      json_object_set_new(row, "other", json_integer((json_int_t)(sum->value - stw_cpu_ns)));
    } else {
      static const char why[] = "reading it at both edges of each pause would lengthen pauses";
      report_null(row, "stw", why);
      report_null(row, "other", why);
    }
    json_array_append_new(rows, row);
  }
  return rows;
}
