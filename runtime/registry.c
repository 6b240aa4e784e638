#include "runtime/registry.h"

#include <string.h>

const struct gc_collector *registry_collector(const char *name) {
  for (size_t i = 0; i < registry_collector_count; i++)
    if (strcmp(registry_collectors[i]->name, name) == 0 ||
        (registry_collectors[i]->form_of && strcmp(registry_collectors[i]->form_of, name) == 0))
      return registry_collectors[i];
  return NULL;
}

const struct gc_collector *registry_form(const char *name, const char *option, size_t option_bytes) {
  size_t name_bytes = strlen(name);
  for (size_t i = 0; i < registry_collector_count; i++) {
    const char *form = registry_collectors[i]->form_of;
    if (form && strncmp(form, name, name_bytes) == 0 && form[name_bytes] == ',' &&
        strncmp(form + name_bytes + 1, option, option_bytes) == 0 && !form[name_bytes + 1 + option_bytes])
      return registry_collectors[i];
  }
  return NULL;
}

const struct gc_workload *registry_pair(const char *workload, const char *collector, bool checked) {
  for (size_t i = 0; i < registry_pair_count; i++) {
    const struct gc_workload *pair = registry_pairs[i];
    if (pair->checked == checked && strcmp(pair->name, workload) == 0 && strcmp(pair->collector->name, collector) == 0)
      return pair;
  }
  return NULL;
}

size_t registry_workloads(const struct gc_workload **workloads, size_t limit) {
  size_t count = 0;
  const char *latest = "";
  for (size_t i = 0; i < registry_pair_count; i++) {
    if (strcmp(registry_pairs[i]->name, latest) == 0)
      continue;
    latest = registry_pairs[i]->name;
    if (count < limit)
      workloads[count] = registry_pairs[i];
    count++;
  }
  return count;
}

/* ---- suggestions ---- */

const char *registry_nearest_collector(const char *name) {
  const char *names[registry_collector_count + 1];
  for (size_t i = 0; i < registry_collector_count; i++)
    names[i] = registry_collectors[i]->name;
  names[registry_collector_count] = "checked";
  return option_nearest(name, names, registry_collector_count + 1);
}

const char *registry_nearest_workload(const char *name) {
  size_t count = registry_workloads(NULL, 0);
  const struct gc_workload *workloads[count + 1];
  const char *names[count + 1];
  registry_workloads(workloads, count);
  for (size_t i = 0; i < count; i++)
    names[i] = workloads[i]->name;
  return option_nearest(name, names, count);
}

/* ---- capabilities ---- */

struct gc_attrs registry_attrs(const struct gc_collector *collector, const struct gc_value *options) {
  struct gc_attrs attrs = collector->attrs;
  if (options && collector->restrict_attrs)
    collector->restrict_attrs(&attrs, options);
  return attrs;
}

static struct gc_needs needs_of(const struct gc_workload *workload, const struct gc_value *params) {
  struct gc_needs needs = workload->needs;
  struct gc_value defaults[option_count(workload->params) + 1];
  option_defaults(workload->params, defaults);
  if (workload->require)
    workload->require(&needs, params ? params : defaults);
  return needs;
}

const char *registry_unsupported(const struct gc_workload *workload, const struct gc_value *params,
                                 const struct gc_collector *collector, const struct gc_value *options,
                                 unsigned threads) {
  const struct gc_needs of_workload = needs_of(workload, params), *needs = &of_workload;
  const struct gc_attrs of_collector = registry_attrs(collector, options), *attrs = &of_collector;
  /* a collector that reclaims nothing claims nothing about cycles either: its heap is just large enough, or not */
  if (needs->cycles && attrs->reclaims && !attrs->cycles)
    return "cyclic garbage is not reclaimed";
  if (needs->weak && !attrs->weak)
    return "no weak references";
  if (needs->ephemerons && !attrs->ephemerons)
    return "no ephemerons";
  if (needs->finalizers && !attrs->finalizers)
    return "no finalizers";
  if (needs->control && !collector->control)
    return "its collections cannot be switched off";
  if ((threads > 1 || needs->threads) && !attrs->threads)
    return "one thread only";
  if (threads < needs->least_threads)
    return "needs more threads";
  return NULL;
}
