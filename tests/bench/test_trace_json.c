#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/trace.h"
#include "runtime/stats/events.h"
#include "tests/runtime/cmocka.h"

/* A cycle that one thread drives while another, a mutator, stops for it. */
static void *drive(void *argument) {
  pthread_barrier_t *step = argument;
  pthread_setname_np(pthread_self(), "driver");
  GC_EVENT(heap, 4096, 100);
  GC_EVENT(cycle_begin, 2, 0);
  GC_EVENT(pause_request, 2, 0);
  pthread_barrier_wait(step);
  pthread_barrier_wait(step);
  GC_EVENT(pause_stopped, 1, 0);
  GC_EVENT(phase_begin, (uintptr_t) "mark", 1);
  GC_EVENT(phase_end, (uintptr_t) "mark", 0);
  GC_EVENT(pause_resumed, 0, 0);
  GC_EVENT(cycle_end, 2, 1024);
  return NULL;
}

static void *stop(void *argument) {
  pthread_barrier_t *step = argument;
  pthread_setname_np(pthread_self(), "mutator");
  GC_EVENT(attached, 7, 0);
  pthread_barrier_wait(step);
  GC_EVENT(stop_begin, 7, 0);
  pthread_barrier_wait(step);
  GC_EVENT(stop_end, 7, 0);
  return NULL;
}

static json_t *trace_of_one_pause(void) {
  pthread_barrier_t step;
  pthread_t driver, mutator;
  char path[] = "/tmp/gclab-trace-XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  pthread_barrier_init(&step, NULL, 2);
  events_begin();
  assert_int_equal(pthread_create(&driver, NULL, drive, &step), 0);
  assert_int_equal(pthread_create(&mutator, NULL, stop, &step), 0);
  pthread_join(driver, NULL);
  pthread_join(mutator, NULL);
  assert_true(trace_write(path, "a pause"));
  events_end();
  json_t *trace = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
  unlink(path);
  assert_non_null(trace);
  return trace;
}

static const char *text_of(json_t *event, const char *member) {
  const char *text = json_string_value(json_object_get(event, member));
  return text ? text : "";
}
static json_int_t thread_of(json_t *event) { return json_integer_value(json_object_get(event, "tid")); }

/* The only event of this phase and name; fails if there are several or none. */
static json_t *find(json_t *trace, const char *phase, const char *name) {
  json_t *event, *found = NULL;
  size_t index;
  json_array_foreach(json_object_get(trace, "traceEvents"), index, event)
    if (strcmp(text_of(event, "ph"), phase) == 0 && strcmp(text_of(event, "name"), name) == 0) {
      assert_null(found);
      found = event;
    }
  assert_non_null(found);
  return found;
}

static json_int_t argument(json_t *event, const char *name) {
  json_t *value = json_object_get(json_object_get(event, "args"), name);
  assert_true(json_is_integer(value));
  return json_integer_value(value);
}

static void slices_carry_their_arguments(void **state) {
  (void)state;
  json_t *trace = trace_of_one_pause();
  assert_int_equal(argument(find(trace, "C", "heap"), "used_bytes"), 4096);
  assert_int_equal(argument(find(trace, "E", "cycle"), "freed_bytes"), 1024);
  assert_int_equal(argument(find(trace, "B", "stop"), "mutator"), 7);
  assert_int_equal(argument(find(trace, "i", "attached"), "mutator"), 7);
  assert_string_equal(text_of(json_object_get(find(trace, "M", "process_name"), "args"), "name"), "a pause");
  json_decref(trace);
}

static void pauses_and_phases_have_lanes_of_their_own(void **state) {
  (void)state;
  json_t *trace = trace_of_one_pause();
  const char *const names[] = {"pause", "mark"};
  for (size_t i = 0; i < 2; i++) {
    json_t *begin = find(trace, "b", names[i]), *end = find(trace, "e", names[i]);
    assert_string_equal(text_of(begin, "id"), text_of(end, "id"));
    assert_true(json_number_value(json_object_get(begin, "ts")) <= json_number_value(json_object_get(end, "ts")));
    assert_int_equal(thread_of(find(trace, "B", names[i])), thread_of(find(trace, "E", names[i])));
  }
  json_decref(trace);
}

static void an_arrow_leads_from_the_request_to_who_stops(void **state) {
  (void)state;
  json_t *trace = trace_of_one_pause();
  json_t *from = find(trace, "s", "stop"), *to = find(trace, "f", "stop");
  assert_string_equal(text_of(from, "id"), text_of(to, "id"));
  assert_int_equal(thread_of(from), thread_of(find(trace, "B", "pause")));
  assert_int_equal(thread_of(to), thread_of(find(trace, "B", "stop")));
  assert_true(thread_of(from) != thread_of(to));
  assert_true(json_number_value(json_object_get(from, "ts")) ==
              json_number_value(json_object_get(find(trace, "B", "pause"), "ts")));
  json_decref(trace);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(slices_carry_their_arguments),
                                     cmocka_unit_test(pauses_and_phases_have_lanes_of_their_own),
                                     cmocka_unit_test(an_arrow_leads_from_the_request_to_who_stops)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
