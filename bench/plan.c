#include "bench/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/rng.h"

enum { PLAN_SCHEMA = 1 };
enum { STREAM_ORDER = 1, STREAM_LAYOUT = 2 };

static void *grown(void *memory, size_t count, size_t bytes) {
  memory = realloc(memory, count * bytes);
  if (!memory)
    environment_error("no memory for the plan of this run");
  return memory;
}

/* ---- cases ---- */

/* A heap that is not measured yet has no size, and its factor is no part of the key. */
static bool is_known(const struct plan *plan, const struct run_case *c) {
  for (size_t i = 0; i < plan->case_count; i++)
    if (strcmp(plan->cases[i].key, c->key) == 0 && (c->heap_bytes || plan->cases[i].heap_factor == c->heap_factor))
      return true;
  return false;
}

/* Room for `count` cases: until there are more, none moves. */
static void reserve(struct plan *plan, size_t count) {
  if (count <= plan->case_capacity)
    return;
  plan->cases = grown(plan->cases, count, sizeof *plan->cases);
  plan->case_capacity = count;
}

static struct run_case *add_row(struct plan *plan, const struct run_case *added, const struct program *program) {
  if (plan->case_count == plan->case_capacity)
    reserve(plan, 2 * plan->case_capacity + 16);
  struct run_case *row = &plan->cases[plan->case_count++];
  *row = *added;
  row->program = program;
  row->collector = grown(NULL, 1, sizeof *row->collector);
  row->workload = grown(NULL, 1, sizeof *row->workload);
  *row->collector = *added->collector;
  *row->workload = *added->workload;
  return row;
}

void plan_add(struct plan *plan, const struct run_case *added) {
  for (size_t i = 0; i < plan->program_count; i++) {
    struct run_case next = *added;
    next.program = &plan->programs[i];
    run_case_set_key(&next);
    if (is_known(plan, &next))
      return;
    add_row(plan, &next, next.program);
  }
}

void plan_clear(struct plan *plan) {
  for (size_t i = 0; i < plan->case_count; i++) {
    free(plan->cases[i].collector);
    free(plan->cases[i].workload);
  }
  plan->case_count = plan->step_count = 0;
}

void plan_free(struct plan *plan) {
  plan_clear(plan);
  for (size_t i = 0; i < plan->program_count; i++)
    program_fini(&plan->programs[i]);
  free(plan->cases);
  free(plan->steps);
  free(plan->programs);
  json_decref(plan->budget);
  *plan = (struct plan){0};
}

/* ---- order ---- */

/* Fisher and Yates. */
static void shuffle(size_t *items, size_t count, uint64_t *random) {
  for (size_t i = count; i > 1; i--) {
    size_t j = (size_t)rng_below(random, i), item = items[j];
    items[j] = items[i - 1];
    items[i - 1] = item;
  }
}

void plan_order(struct plan *plan, unsigned env_padding_bytes_max, enum plan_aslr aslr) {
  uint64_t order = rng_stream(plan->order_seed, STREAM_ORDER), layout = rng_stream(plan->order_seed, STREAM_LAYOUT);
  size_t width = plan->program_count, round_count = plan->case_count / width;
  size_t *round = grown(NULL, round_count + 1, sizeof *round);
  plan->steps = grown(NULL, round_count * plan->invocations + 1, sizeof *plan->steps);
  for (size_t i = 0; i < round_count; i++)
    round[i] = i;
  for (unsigned invocation = 0; invocation < plan->invocations; invocation++) {
    shuffle(round, round_count, &order);
    for (size_t i = 0; i < round_count; i++) {
      struct run_step *step = &plan->steps[plan->step_count];
      bool fixed = rng_below(&layout, 2);
      *step = (struct run_step){.run_case = &plan->cases[round[i] * width + invocation % width],
                                .sequence = (unsigned)plan->step_count,
                                .invocation = invocation,
                                .attempt = 1};
      step->layout.env_padding_bytes = (unsigned)rng_below(&layout, (uint64_t)env_padding_bytes_max + 1);
      step->layout.fixed_addresses = aslr == PLAN_ASLR_OFF || (aslr == PLAN_ASLR_RANDOM && fixed);
      plan->step_count++;
    }
  }
  free(round);
}

/* ---- writing ---- */

static json_t *describe_plan(const struct plan *plan) {
  json_t *binaries = json_array();
  for (size_t i = 0; i < plan->program_count; i++)
    json_array_append_new(binaries,
                          json_pack("{ss sO}", "path", plan->programs[i].path, "build", plan->programs[i].build));
  return json_pack("{s{si sI sI sI so sO?}}", "plan", "schema", PLAN_SCHEMA, "order_seed", (json_int_t)plan->order_seed,
                   "invocations_of_each_case", (json_int_t)plan->invocations, "invocations",
                   (json_int_t)plan->step_count, "binaries", binaries, "budget", plan->budget);
}

static json_t *describe_step(const struct plan *plan, const struct run_step *step) {
  const struct run_case *c = step->run_case;
  const struct options *o = &c->options;
  json_t *line = json_pack("{sI ss sI ss ss sI sf}", "seq", (json_int_t)step->sequence, "key", c->key, "invocation",
                           (json_int_t)step->invocation, "collector", c->collector->text, "workload", c->workload->text,
                           "heap_bytes", (json_int_t)c->heap_bytes, "heap_factor", c->heap_factor);
  json_t *rest =
      json_pack("{sI ss? sI sI sI sI sI sf sf ss sb ss? sI sI sb sI}", "minheap_bytes", (json_int_t)c->minheap_bytes,
                "minheap_from", c->minheap_from, "threads", (json_int_t)o->threads.integer, "gc_threads",
                (json_int_t)o->gc_threads.integer, "iterations", (json_int_t)o->iterations.integer, "warmup",
                (json_int_t)o->warmup.integer, "workload_seed", (json_int_t)o->seed.integer, "timeout_s",
                o->timeout_s.real, "stalled_s", o->stalled_s.real, "placement", placements[o->placement.integer], "pin",
                !o->no_pin, "topology", o->topology, "binary", (json_int_t)(c->program - plan->programs),
                "env_padding_bytes", (json_int_t)step->layout.env_padding_bytes, "fixed_addresses",
                step->layout.fixed_addresses, "estimate_ns", (json_int_t)c->estimate_ns);
  json_object_update(line, rest);
  json_decref(rest);
  return line;
}

static bool write_line(FILE *file, json_t *line) {
  bool whole = json_dumpf(line, file, JSON_COMPACT) == 0 && fputc('\n', file) != EOF;
  json_decref(line);
  return whole;
}

bool plan_write(const struct plan *plan, const char *folder) {
  char path[RESULTS_PATH_BYTES], beside[RESULTS_PATH_BYTES];
  snprintf(path, sizeof path, "%s/plan.jsonl", folder);
  snprintf(beside, sizeof beside, "%s/plan.jsonl.new", folder);
  FILE *file = fopen(beside, "we");
  if (!file)
    return false;
  bool whole = write_line(file, describe_plan(plan));
  for (size_t i = 0; whole && i < plan->step_count; i++)
    whole = write_line(file, describe_step(plan, &plan->steps[i]));
  whole = fflush(file) == 0 && whole && fsync(fileno(file)) == 0;
  return fclose(file) == 0 && whole && rename(beside, path) == 0;
}

/* ---- reading ---- */

static int64_t integer_at(const json_t *line, const char *name) {
  return json_integer_value(json_object_get(line, name));
}
static const char *text_at(const json_t *line, const char *name) {
  const char *text = json_string_value(json_object_get(line, name));
  return text ? text : "";
}

static void load_programs(struct plan *plan, const char *path, const json_t *binaries, bool mixed) {
  size_t i;
  json_t *planned;
  plan->programs = grown(NULL, json_array_size(binaries) + 1, sizeof *plan->programs);
  json_array_foreach(binaries, i, planned) {
    struct program *program = &plan->programs[plan->program_count++];
    struct program then = {.build = json_object_get(planned, "build")};
    const char *binary = text_at(planned, "path");
    char message[1024];
    if (!*binary)
      program_self(program);
    else if (!program_read(program, binary, message, sizeof message))
      usage_error("'%s': %s", path, message);
    if (!mixed && strcmp(program_build_id(program), program_build_id(&then)) != 0)
      usage_error("the run was planned with another build of %s (%.12s, now %.12s), and its numbers would mix; "
                  "--allow-mixed runs what is left all the same",
                  *binary ? binary : "gclab", program_build_id(&then), program_build_id(program));
  }
}

static struct gc_value number(int64_t value) { return (struct gc_value){value, (double)value}; }

static void load_options(struct options *o, const json_t *line, unsigned invocations) {
  o->threads = number(integer_at(line, "threads"));
  o->gc_threads = number(integer_at(line, "gc_threads"));
  o->iterations = number(integer_at(line, "iterations"));
  o->warmup = number(integer_at(line, "warmup"));
  o->seed = number(integer_at(line, "workload_seed"));
  o->invocations = number(invocations);
  o->timeout_s.real = json_real_value(json_object_get(line, "timeout_s"));
  o->stalled_s.real = json_real_value(json_object_get(line, "stalled_s"));
  o->placement = number(0);
  for (int i = 0; placements[i]; i++)
    if (strcmp(placements[i], text_at(line, "placement")) == 0)
      o->placement = number(i);
  o->no_pin = !json_is_true(json_object_get(line, "pin"));
  o->topology = json_is_string(json_object_get(line, "topology")) ? strdup(text_at(line, "topology")) : NULL;
}

/* The row of the case that has the line's key. */
static struct run_case *case_of(struct plan *plan, const json_t *line, const struct options *options,
                                const char *where) {
  for (size_t i = 0; i < plan->case_count; i++)
    if (strcmp(plan->cases[i].key, text_at(line, "key")) == 0)
      return &plan->cases[i];
  struct collector_choice collector;
  struct workload_choice workload;
  char message[1024];
  if (!subject_read_collector(&collector, text_at(line, "collector"), message, sizeof message) ||
      !subject_read_workload(&workload, text_at(line, "workload"), message, sizeof message))
    usage_error("%s: %s", where, message);
  size_t program = (size_t)integer_at(line, "binary");
  if (program >= plan->program_count)
    usage_error("%s: there is no binary %zu in the plan", where, program);
  struct run_case added = {.options = *options,
                           .collector = &collector,
                           .workload = &workload,
                           .heap_bytes = (size_t)integer_at(line, "heap_bytes"),
                           .heap_factor = json_number_value(json_object_get(line, "heap_factor")),
                           .minheap_bytes = (size_t)integer_at(line, "minheap_bytes"),
                           .estimate_ns = (uint64_t)integer_at(line, "estimate_ns")};
  if (added.minheap_bytes)
    added.minheap_from = strdup(text_at(line, "minheap_from"));
  load_options(&added.options, line, plan->invocations);
  snprintf(added.key, sizeof added.key, "%s", text_at(line, "key"));
  return add_row(plan, &added, &plan->programs[program]);
}

static void load_step(struct plan *plan, const json_t *line, const struct options *options, const char *where) {
  plan->steps = grown(plan->steps, plan->step_count + 1, sizeof *plan->steps);
  struct run_step *step = &plan->steps[plan->step_count++];
  *step = (struct run_step){.run_case = case_of(plan, line, options, where),
                            .sequence = (unsigned)integer_at(line, "seq"),
                            .invocation = (unsigned)integer_at(line, "invocation"),
                            .attempt = 1,
                            .layout = {(unsigned)integer_at(line, "env_padding_bytes"),
                                       json_is_true(json_object_get(line, "fixed_addresses"))}};
}

void plan_load(struct plan *plan, const char *folder, const struct options *options, bool mixed) {
  char path[RESULTS_PATH_BYTES], where[RESULTS_PATH_BYTES + 32], *text = NULL;
  size_t capacity = 0, planned = 0;
  *plan = (struct plan){0};
  snprintf(path, sizeof path, "%s/plan.jsonl", folder);
  FILE *file = fopen(path, "re");
  if (!file)
    usage_error("'%s' cannot be read: %s; only a suite can be resumed", path, strerror(errno));
  for (unsigned number = 1; getline(&text, &capacity, file) > 0; number++) {
    json_t *line = json_loads(text, 0, NULL), *head = json_object_get(line, "plan");
    snprintf(where, sizeof where, "'%s', line %u", path, number);
    if (!line || (number == 1) != (head != NULL) || plan->step_count > planned)
      usage_error("%s: this is no line of a plan; start the suite anew", where);
    if (head && integer_at(head, "schema") != PLAN_SCHEMA)
      usage_error("%s: a plan of version %lld, and this gclab reads version %d", where,
                  (long long)integer_at(head, "schema"), PLAN_SCHEMA);
    if (head) {
      plan->order_seed = (uint64_t)integer_at(head, "order_seed");
      plan->invocations = (unsigned)integer_at(head, "invocations_of_each_case");
      planned = (size_t)integer_at(head, "invocations");
      reserve(plan, planned + 1);
      load_programs(plan, path, json_object_get(head, "binaries"), mixed);
    } else {
      load_step(plan, line, options, where);
    }
    json_decref(line);
  }
  free(text);
  fclose(file);
  if (plan->step_count == 0 || plan->step_count != planned)
    usage_error("'%s' holds %zu of %zu planned invocations; start the suite anew", path, plan->step_count, planned);
}
