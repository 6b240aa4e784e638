/* leaks_are_named.c -- four programs that serve requests and leak: a closure that holds on to what it captured, a cache
 * without eviction, listeners that nobody removes, cycles with finalizers: of the old kind where the collector knows
 * it, so that no collection can free them; elsewhere such as nobody runs.  The report names first, for each, the type
 * that grows, the line that makes it, and what holds it. */
#include "runtime/gc_control.h"
#include "runtime/gc_tools.h"
#include "runtime/tools/profile.h"
#include "tests/support/suite.h"

enum { LEAKS_GLOBAL = 30, LEAKS_REQUESTS = 4000, LEAKS_BUCKETS = 64, LEAKS_CAPTURED = 30 };

static int leaks_line; /* where the leaking program makes what it leaks */

/* globals[30] -> array of closures -> closure (a node) -> what it captured */
static void leak_closure(struct gc_mutator *m, unsigned request) {
  GC_ROOTS(m, r, captured, closures);
  if (gc_is_null(gc_global_load(m, LEAKS_GLOBAL))) {
    gc_ref made = gc_alloc_array(m, 2 * LEAKS_REQUESTS);
    gc_global_store(m, LEAKS_GLOBAL, made);
  }
  leaks_line = __LINE__ + 1;
  gc_set(m, &r.captured, gc_alloc_array(m, LEAKS_CAPTURED));
  gc_set(m, &r.closures, gc_global_load(m, LEAKS_GLOBAL));
  gc_ref closure = GC_NEW(m, node);
  GC_INIT(m, closure, node, left, gc_get(m, &r.captured));
  gc_array_store(m, gc_get(m, &r.closures), request, closure);
  gc_frame_pop(m, &r.frame);
}

/* globals[30] -> array of buckets -> entry -> entry … */
static void leak_cache(struct gc_mutator *m, unsigned request) {
  GC_ROOTS(m, r, buckets);
  if (gc_is_null(gc_global_load(m, LEAKS_GLOBAL))) {
    gc_ref made = gc_alloc_array(m, LEAKS_BUCKETS);
    gc_global_store(m, LEAKS_GLOBAL, made);
  }
  gc_set(m, &r.buckets, gc_global_load(m, LEAKS_GLOBAL));
  leaks_line = __LINE__ + 1;
  gc_ref entry = GC_NEW(m, link);
  GC_INIT(m, entry, link, next, gc_array_load(m, gc_get(m, &r.buckets), request % LEAKS_BUCKETS));
  gc_array_store(m, gc_get(m, &r.buckets), request % LEAKS_BUCKETS, entry);
  gc_frame_pop(m, &r.frame);
}

/* globals[30] -> the latest listener -> the one before … */
static void leak_listener(struct gc_mutator *m, unsigned request) {
  (void)request;
  leaks_line = __LINE__ + 1;
  gc_ref listener = GC_NEW(m, scattered);
  GC_INIT(m, listener, scattered, second, gc_global_load(m, LEAKS_GLOBAL));
  gc_global_store(m, LEAKS_GLOBAL, listener);
}

/* uncollectable, or due finalizer -> a node that refers to itself */
static void leak_finalizer(struct gc_mutator *m, unsigned request) {
  const struct gc_control *control = suite.collector->control;
  GC_ROOTS(m, r, ring);
  (void)request;
  leaks_line = __LINE__ + 1;
  gc_set(m, &r.ring, GC_NEW(m, node));
  GC_STORE(m, gc_get(m, &r.ring), node, left, gc_get(m, &r.ring));
  if (control)
    control->attach_finalizer(m->heap, checked_strip(gc_get(m, &r.ring)), GC_FINALIZE_LEGACY);
  else
    gc_finalizer_attach(m, gc_get(m, &r.ring));
  gc_frame_pop(m, &r.frame);
}

/* What every program makes and drops again, from lines of its own. */
static void serve(struct gc_mutator *m) {
  GC_ROOTS(m, r, list, other);
  for (unsigned i = 0; i < 8; i++) {
    gc_ref link = GC_NEW(m, link);
    GC_INIT(m, link, link, next, gc_get(m, &r.list));
    gc_set(m, &r.list, link);
    gc_set(m, &r.other, GC_NEW(m, node));
    gc_set(m, &r.other, GC_NEW(m, scattered));
  }
  gc_frame_pop(m, &r.frame);
  gc_poll(m);
}

static void expect_leak(void (*request)(struct gc_mutator *, unsigned), const char *type, const char *begin,
                        const char *end) {
  struct gc_heap_config config = suite_config(64 * GC_MIB);
  struct profile *profile = profile_create(GC_CHECKED ? PROFILE_EXACT : PROFILE_SAMPLED, 1024, suite.seed);
  config.watch = profile_watch(profile);
  config.verify = VERIFY_NONE;
  struct gc_mutator *m = suite_begin_with(&config);
  static const struct gc_delivery delivery; /* none of its calls is wanted, but that finalizers are of its kinds */
  if (suite.collector->control)
    suite.collector->control->deliver(m->heap, &delivery);
  unsigned requests = (unsigned)suite_count(LEAKS_REQUESTS);
  for (unsigned i = 0; i < requests; i++) {
    request(m, i);
    serve(m);
  }
  struct gc_snapshot *early = gc_leaks_begin(m);
  for (unsigned i = requests; i < 2 * requests; i++) {
    request(m, i);
    serve(m);
  }
  struct gc_leak leaks[4];
  uint64_t count = gc_leaks(m, early, leaks, 4);
  char line[64];
  snprintf(line, sizeof line, "tests/contract/leaks_are_named.c:%d ", leaks_line);
  EXPECT(count >= 1 && strcmp(leaks[0].type, type) == 0, "%llu types grew, most %s, not %s", (unsigned long long)count,
         leaks[0].type, type);
  EXPECT(leaks[0].objects == requests, "%lld objects more, not %u", (long long)leaks[0].objects, requests);
  EXPECT(strncmp(leaks[0].site, line, strlen(line)) == 0, "made at %s, not at %s", leaks[0].site, line);
  EXPECT(strncmp(leaks[0].path, begin, strlen(begin)) == 0 && strlen(leaks[0].path) >= strlen(end) &&
             strcmp(leaks[0].path + strlen(leaks[0].path) - strlen(end), end) == 0,
         "held by %s, not by %s … %s", leaks[0].path, begin, end);
  gc_snapshot_free(early);
  suite_end(m);
  profile_destroy(profile);
}

TEST(leaks_are_named) {
  if (!suite.collector->copied_types)
    suite_skip("the plan keeps tables by type id");
  if (suite.stress_polls && !GC_CHECKED)
    suite_skip("too few samples where so little is allocated");
  expect_leak(leak_closure, "array", "globals[30] -> array[", "] -> node+8 -> array");
  expect_leak(leak_cache, "link", "globals[30] -> array[", " -> link");
  expect_leak(leak_listener, "scattered", "globals[30] -> scattered", "-> scattered");
  if (suite.collector->attrs.finalizers && suite.collector->attrs.reclaims && suite.collector->attrs.cycles)
    expect_leak(leak_finalizer, "node", suite.collector->control ? "uncollectable " : "due finalizer ", " -> node");
}
