#include "bench/budget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/progress.h"
#include "runtime/base/rng.h"
#include "runtime/os/clock.h"

enum { STREAM_PILOT = 3 };
static const double pilot_share = 0.25, usable_share = 0.95; /* of what is left; the rest is for folders and syncs */
static const uint64_t least_ns = 2000000;                    /* of an invocation: a process and its files */

bool budget_parse(const char *text, double *seconds) {
  char *end;
  *seconds = strtod(text, &end);
  if (end == text || !(*seconds > 0 && *seconds < 1e9))
    return false;
  double unit = *end == 'h' ? 3600 : *end == 'm' ? 60 : 1;
  if (*end == 'h' || *end == 'm' || *end == 's')
    end++;
  *seconds *= unit;
  return *end == 0;
}

unsigned budget_invocations(uint64_t sum_ns, uint64_t left_ns, unsigned asked) {
  uint64_t fit = sum_ns ? left_ns / sum_ns : asked;
  return fit < asked ? (unsigned)fit : asked;
}

/* ---- the pilot ---- */

/* Tries one case; 0 if interrupted. */
static uint64_t try_case(const struct run_case *c, struct progress *progress, uint64_t left_ns) {
  if (run_case_lacks(c))
    return least_ns;
  struct options options = c->options;
  options.iterations = (struct gc_value){1, 1};
  options.warmup = (struct gc_value){0, 0};
  double left_s = (double)left_ns / 1e9;
  struct launch_request request = {.options = &options,
                                   .collector = c->collector,
                                   .workload = c->workload,
                                   .program = c->program->path,
                                   .heap_bytes = c->heap_bytes,
                                   .timeout_s = options.timeout_s.real < left_s ? options.timeout_s.real : left_s,
                                   .tick = progress_tick,
                                   .context = progress};
  progress_step(progress, "how long does %s take under %s?", c->workload->text, c->collector->text);
  struct launch_result result = launch(&request);
  json_decref(result.report);
  if (result.outcome == OUTCOME_interrupted)
    return 0;
  uint64_t iterations = result.outcome == OUTCOME_oom ? 1 : (uint64_t)c->options.iterations.integer;
  return result.elapsed_ns * iterations + least_ns;
}

/* The mean estimate of the cases tried, of the same workload if there are any. */
static uint64_t guess(const struct plan *plan, const struct run_case *unknown) {
  uint64_t sum_ns[2] = {0, 0}, count[2] = {0, 0};
  for (size_t i = 0; i < plan->case_count; i++) {
    const struct run_case *c = &plan->cases[i];
    if (!c->estimate_ns)
      continue;
    bool same = strcmp(c->workload->text, unknown->workload->text) == 0;
    sum_ns[same] += c->estimate_ns;
    count[same]++;
  }
  bool same = count[1] > 0;
  return count[same] ? sum_ns[same] / count[same] : least_ns;
}

/* Tries cases in an order drawn from the seed until the time is over; guesses the others.  All rows of a case, one for
 * each program, get the same estimate.  False if interrupted. */
static bool estimate(struct plan *plan, uint64_t deadline_ns) {
  size_t width = plan->program_count, count = plan->case_count / width;
  uint64_t random = rng_stream(plan->order_seed, STREAM_PILOT);
  struct progress progress;
  size_t *order = malloc((count + 1) * sizeof *order);
  if (!order)
    environment_error("no memory for the plan of this run");
  for (size_t i = 0; i < count; i++) { /* the inside-out shuffle */
    size_t j = (size_t)rng_below(&random, i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  progress_begin(&progress, (unsigned)count);
  for (size_t i = 0; i < count && !launch_interrupted(); i++) {
    uint64_t now_ns = clock_now_ns();
    if (now_ns >= deadline_ns)
      break;
    struct run_case *c = &plan->cases[order[i] * width];
    c->estimate_ns = try_case(c, &progress, deadline_ns - now_ns);
    if (progress.terminal) /* elsewhere every try would be a line */
      progress_step_done(&progress, "tried");
  }
  progress_clear(&progress);
  free(order);
  for (size_t i = 0; i < plan->case_count; i += width)
    if (!plan->cases[i].estimate_ns)
      plan->cases[i].estimate_ns = guess(plan, &plan->cases[i]);
  for (size_t i = 0; i < plan->case_count; i++)
    plan->cases[i].estimate_ns = plan->cases[i / width * width].estimate_ns;
  return !launch_interrupted();
}

/* ---- fitting ---- */

/* Of one invocation of each case. */
static uint64_t sum_ns(const struct plan *plan) {
  uint64_t sum = 0;
  for (size_t i = 0; i < plan->case_count; i += plan->program_count)
    sum += plan->cases[i].estimate_ns;
  return sum;
}

/* Takes out all cases of the workload that stands last. */
static void drop_last_workload(struct plan *plan, json_t *dropped) {
  char last[SUBJECT_TEXT_BYTES];
  size_t kept = 0;
  strcpy(last, plan->cases[plan->case_count - 1].workload->text);
  json_array_append_new(dropped, json_string(last));
  for (size_t i = 0; i < plan->case_count; i++) {
    struct run_case *c = &plan->cases[i];
    if (strcmp(c->workload->text, last) != 0) {
      plan->cases[kept++] = *c;
      continue;
    }
    free(c->collector);
    free(c->workload);
  }
  plan->case_count = kept;
}

static bool has_other_workload(const struct plan *plan) {
  for (size_t i = 1; i < plan->case_count; i++)
    if (strcmp(plan->cases[i].workload->text, plan->cases[0].workload->text) != 0)
      return true;
  return false;
}

static void say(const struct plan *plan, const char *text, unsigned asked, const json_t *dropped) {
  size_t i;
  json_t *workload;
  fprintf(stderr, "--budget %s: about %.0f s for %u of %u invocations of each case", text,
          (double)(sum_ns(plan) * plan->invocations) / 1e9, plan->invocations, asked);
  json_array_foreach(dropped, i, workload)
      fprintf(stderr, "%s%s", i ? ", " : "; left out: ", json_string_value(workload));
  fprintf(stderr, "\n");
}

double budget_read(const char *text) {
  double seconds;
  if (!budget_parse(text, &seconds))
    usage_error("--budget cannot be '%s': write a time such as 90s, 10m or 1.5h", text);
  return seconds;
}

bool budget_fit(struct plan *plan, const char *text, uint64_t begin_ns) {
  double seconds = budget_read(text);
  uint64_t end_ns = begin_ns + (uint64_t)(seconds * 1e9), now_ns = clock_now_ns();
  uint64_t pilot_ns = now_ns < end_ns ? (uint64_t)(pilot_share * (double)(end_ns - now_ns)) : 0;
  if (!estimate(plan, now_ns + pilot_ns))
    return false;
  now_ns = clock_now_ns();
  uint64_t left_ns = now_ns < end_ns ? (uint64_t)(usable_share * (double)(end_ns - now_ns)) : 0;
  unsigned asked = plan->invocations;
  json_t *dropped = json_array();
  while ((plan->invocations = budget_invocations(sum_ns(plan), left_ns, asked)) == 0 && has_other_workload(plan))
    drop_last_workload(plan, dropped);
  if (plan->invocations == 0)
    usage_error("--budget %s: %.0f s are left after trying the cases, and one invocation of "
                "each case of %s takes about %.0f s; more time, or fewer cases (--only)",
                text, (double)left_ns / 1e9, plan->cases[0].workload->text, (double)sum_ns(plan) / 1e9);
  say(plan, text, asked, dropped);
  plan->budget = json_pack("{sf sI sI so sI}", "budget_s", seconds, "invocations_asked", (json_int_t)asked,
                           "invocations", (json_int_t)plan->invocations, "workloads_left_out", dropped, "expected_ns",
                           (json_int_t)(sum_ns(plan) * plan->invocations));
  return true;
}
