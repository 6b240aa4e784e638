#include "bench/record.h"

#include <stdio.h>
#include <string.h>

#include "bench/env.h"
#include "bench/report.h"
#include "runtime/verify/verify.h"

/* FNV-1a. */
static uint64_t hash_text(uint64_t hash, const char *text) {
  for (; *text; text++)
    hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
  return (hash ^ 0xff) * 0x100000001b3u;
}

static json_t *values_object(const struct gc_option *table, const struct gc_value *values) {
  json_t *object = json_object();
  for (size_t i = 0; table && table[i].name; i++) {
    json_t *value;
    switch (table[i].kind) {
    case GC_OPTION_REAL: value = json_real(values[i].real); break;
    case GC_OPTION_CHOICE: value = json_string(table[i].choices[values[i].integer]); break;
    default: value = json_integer(values[i].integer);
    }
    json_object_set_new(object, table[i].name, value);
  }
  return object;
}

void record_key(const struct record_facts *facts, char key[RECORD_KEY_BYTES]) {
  char collector[1024], workload[1024], rest[256];
  const struct options *o = facts->options;
  subject_format_values(facts->collector->collector->options, facts->collector->values, collector, sizeof collector);
  subject_format_values(facts->workload->workload->params, facts->workload->values, workload, sizeof workload);
  snprintf(rest, sizeof rest, "%zu %lld %lld %lld %lld %d %d", facts->heap_bytes, (long long)o->threads.integer,
           (long long)o->gc_threads.integer, (long long)o->iterations.integer, (long long)o->verify, o->no_pin,
           (int)o->instrumentation.integer);
  uint64_t hash = hash_text(0xcbf29ce484222325u, facts->collector->collector->name);
  if (o->profile || o->leaks || o->snapshot) /* another experiment: its times are not those of a run without one */
    snprintf(rest + strlen(rest), sizeof rest - strlen(rest), " profile %s leaks %d snapshot %d",
             o->profile ? o->profile : "none", o->leaks, o->snapshot);
  const char *parts[] = {facts->collector->checked ? "checked" : "",
                         collector,
                         facts->workload->workload->name,
                         workload,
                         rest,
                         placements[o->placement.integer],
                         o->topology ? o->topology : "",
                         program_build_id(facts->program)};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    hash = hash_text(hash, parts[i]);
  snprintf(key, RECORD_KEY_BYTES, "%016llx", (unsigned long long)hash);
}

static json_t *identity(const struct record_facts *facts) {
  char key[RECORD_KEY_BYTES];
  if (facts->key)
    snprintf(key, sizeof key, "%s", facts->key);
  else
    record_key(facts, key);
  json_t *group = json_pack("{si ss ss sI sI sI sI ss}", "schema", RECORD_SCHEMA, "run_id", facts->run_id, "key", key,
                            "seq", (json_int_t)facts->sequence, "attempt", (json_int_t)facts->attempt, "invocation",
                            (json_int_t)facts->invocation, "workload_seed", (json_int_t)facts->options->seed.integer,
                            "started_utc", facts->started_utc);
  if (facts->has_order_seed)
    json_object_set_new(group, "order_seed", json_integer((json_int_t)facts->order_seed));
  else
    report_null(group, "order_seed", "invocations run in the order of the command line");
  return group;
}

/* Where things lay in memory; a fair experiment lets it differ (Mytkowicz et al. 2009). */
static json_t *layout(const struct record_facts *facts, bool aslr) {
  json_t *link_seed = json_object_get(facts->program->build, "link_seed");
  return json_pack("{sI ss sO}", "env_padding_bytes", (json_int_t)facts->layout.env_padding_bytes, "aslr",
                   aslr ? "on" : "off", "link_seed", link_seed);
}

static json_t *subject(const struct record_facts *facts, bool aslr) {
  const struct options *o = facts->options;
  const struct collector_choice *c = facts->collector;
  const struct workload_choice *w = facts->workload;
  char verifiers[64];
  json_t *group = json_object();
  json_object_set_new(group, "collector",
                      json_pack("{ss sb sb so}", "name", c->collector->name, "checked", c->checked, "foreign",
                                c->collector->attrs.foreign, "params",
                                values_object(c->collector->options, c->values)));
  json_object_set_new(
      group, "workload",
      json_pack("{ss so}", "name", w->workload->name, "params", values_object(w->workload->params, w->values)));
  json_object_set_new(group, "collector_text", json_string(c->text));
  json_object_set_new(group, "workload_text", json_string(w->text));
  json_object_set_new(group, "heap_bytes", json_integer((json_int_t)facts->heap_bytes));
  if (facts->heap_factor > 0)
    json_object_set_new(group, "heap_factor", json_real(facts->heap_factor));
  else
    report_null(group, "heap_factor", "the heap was given as a size");
  if (facts->minheap_bytes) {
    json_object_set_new(group, "minheap_bytes", json_integer((json_int_t)facts->minheap_bytes));
    json_object_set_new(group, "minheap_from", json_string(facts->minheap_from));
  } else {
    report_null(group, "minheap_bytes", "not measured for this run");
    json_object_set_new(group, "minheap_from", json_null());
  }
  json_object_set_new(group, "mutator_threads", json_integer(o->threads.integer));
  json_object_set_new(group, "gc_threads", json_integer(o->gc_threads.integer));
  json_object_set_new(group, "iterations", json_integer(o->iterations.integer));
  json_object_set_new(group, "warmup_iterations", json_integer(o->warmup.integer));
  json_object_set_new(group, "sharing", json_string(w->workload->sharing == GC_WORK_SPLIT ? "split" : "copies"));
  json_object_set_new(group, "placement", json_string(placements[o->placement.integer]));
  verify_format(o->verify, verifiers, sizeof verifiers);
  json_object_set_new(group, "verify", json_string(verifiers));
  json_object_set_new(group, "instrumentation", json_string(instrumentations[o->instrumentation.integer]));
  if (o->profile)
    json_object_set_new(group, "profile", json_string(o->profile));
  json_object_set_new(group, "timeout_s", json_real(o->timeout_s.real));
  json_object_set_new(group, "layout", layout(facts, aslr));
  json_object_set(group, "build", facts->program->build);
  return group;
}

/* A group that the process did not live to report is null. */
static void add_group(json_t *record, const char *name, json_t *group, json_t *otherwise) {
  json_object_set(record, name, group ? group : otherwise);
  json_decref(otherwise);
}

json_t *record_create(const struct record_facts *facts, struct launch_result *result) {
  static const char *const groups[] = {"pauses", "latency", "mmu", "memory", "numa", "counters", "quality", "schedule"};
  json_t *record = json_object();
  json_object_set_new(record, "identity", identity(facts));
  json_object_set_new(record, "subject", subject(facts, result->aslr));
  json_object_set_new(record, "machine", env_machine());
  json_object_set(record, "outcome", json_object_get(result->report, "outcome"));
  add_group(record, "iterations", json_object_get(result->report, "iterations"), json_array());
  for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
    add_group(record, groups[i], json_object_get(result->report, groups[i]), json_null());
  json_object_set_new(json_object_get(record, "outcome"), "elapsed_ns", json_integer((json_int_t)result->elapsed_ns));
  json_decref(result->report);
  result->report = NULL;
  return record;
}
