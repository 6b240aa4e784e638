#include "runtime/stats/events.h"

#include "tests/runtime/cmocka.h"

static void nothing_is_told_unless_somebody_asks(void **state) {
  (void)state;
  GC_EVENT(attached, 1, 0);
  assert_null(events_buffers());
}

static void *tell(void *argument) {
  uint64_t mutator = (uintptr_t)argument;
  pthread_setname_np(pthread_self(), mutator == 1 ? "one" : "two");
  for (uint64_t i = 0; i < 100; i++)
    GC_EVENT(stop_begin, mutator, i);
  return NULL;
}

static void each_thread_has_a_buffer_in_order(void **state) {
  (void)state;
  pthread_t threads[2];
  events_begin();
  for (uintptr_t i = 0; i < 2; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, tell, (void *)(i + 1)), 0);
  for (unsigned i = 0; i < 2; i++)
    pthread_join(threads[i], NULL);
  unsigned buffers = 0, numbers = 0;
  for (const struct event_buffer *buffer = events_buffers(); buffer; buffer = buffer->next, buffers++) {
    assert_int_equal(buffer->count, 100);
    assert_int_equal(buffer->dropped, 0);
    numbers += buffer->number;
    assert_string_equal(buffer->thread_name, buffer->events[0].a == 1 ? "one" : "two");
    for (uint64_t i = 0; i < 100; i++) {
      assert_int_equal(buffer->events[i].kind, EVENT_stop_begin);
      assert_int_equal(buffer->events[i].b, i);
      assert_true(i == 0 || buffer->events[i].at_ns >= buffer->events[i - 1].at_ns);
    }
  }
  assert_int_equal(buffers, 2);
  assert_int_equal(numbers, 1 + 2);
  events_end();
  assert_null(events_buffers());
}

static void what_finds_no_room_is_counted(void **state) {
  (void)state;
  events_begin();
  for (uint64_t i = 0; i < EVENTS_MAX + 7; i++)
    GC_EVENT(heap, i, 0);
  const struct event_buffer *buffer = events_buffers();
  assert_non_null(buffer);
  assert_int_equal(buffer->count, EVENTS_MAX);
  assert_int_equal(buffer->dropped, 7);
  assert_int_equal(buffer->events[EVENTS_MAX - 1].a, EVENTS_MAX - 1);
  events_end();
}

static void a_thread_begins_anew_after_the_end(void **state) {
  (void)state;
  events_begin();
  GC_EVENT(heap, 5, 6);
  assert_int_equal(events_buffers()->count, 1);
  events_end();
  GC_EVENT(heap, 5, 6);
  assert_null(events_buffers());
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_told_unless_somebody_asks),
                                     cmocka_unit_test(each_thread_has_a_buffer_in_order),
                                     cmocka_unit_test(what_finds_no_room_is_counted),
                                     cmocka_unit_test(a_thread_begins_anew_after_the_end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
