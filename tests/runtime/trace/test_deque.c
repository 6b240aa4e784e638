#include "runtime/trace/deque.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/chaos.h"
#include "tests/runtime/cmocka.h"

static void the_owner_takes_the_newest_and_a_thief_the_oldest(void **state) {
  (void)state;
  struct deque deque;
  assert_true(deque_init(&deque));
  for (uint64_t i = 1; i <= 5000; i++) /* grows twice */
    assert_true(deque_push(&deque, i));
  assert_int_equal(deque_steal(&deque), 1);
  assert_int_equal(deque_pop(&deque), 5000);
  assert_int_equal(deque_steal(&deque), 2);
  for (uint64_t i = 4999; i >= 3; i--)
    assert_int_equal(deque_pop(&deque), i);
  assert_int_equal(deque_pop(&deque), 0);
  assert_int_equal(deque_steal(&deque), 0);
  assert_true(deque_push(&deque, 7));
  assert_int_equal(deque_pop(&deque), 7);
  deque_fini(&deque);
}

/* Every item is taken exactly once, whoever takes it: the race is for the last item. */
enum { THIEVES = 3, ITEMS = 60000 };
static struct deque shared;
static _Atomic uint8_t taken[ITEMS + 1];
static _Atomic bool done;
static _Atomic unsigned twice;

static void take(uint64_t item) {
  if (item && atomic_fetch_add(&taken[item], 1) != 0)
    atomic_fetch_add(&twice, 1);
}
static void *thief(void *argument) {
  (void)argument;
  while (!atomic_load(&done))
    take(deque_steal(&shared));
  return NULL;
}

static void every_item_is_taken_exactly_once(void **state) {
  (void)state;
  chaos_set(unit_seed, 20);
  assert_true(deque_init(&shared));
  pthread_t thieves[THIEVES];
  for (unsigned i = 0; i < THIEVES; i++)
    assert_int_equal(pthread_create(&thieves[i], NULL, thief, NULL), 0);
  for (uint64_t item = 1; item <= ITEMS;) {
    for (unsigned burst = 0; burst < item % 5 + 1 && item <= ITEMS; burst++)
      assert_true(deque_push(&shared, item++));
    take(deque_pop(&shared));
    take(deque_pop(&shared));
  }
  for (uint64_t item; (item = deque_pop(&shared));)
    take(item);
  while (!deque_seems_empty(&shared))
    ;
  atomic_store(&done, true);
  for (unsigned i = 0; i < THIEVES; i++)
    pthread_join(thieves[i], NULL);
  chaos_set(0, 0);
  assert_int_equal(twice, 0);
  for (unsigned item = 1; item <= ITEMS; item++)
    assert_int_equal(taken[item], 1);
  deque_fini(&shared);
}

/* A thief that has seen an item looks for the array while its owner replaces it by a larger one. */
static void it_grows_under_a_thief(void **state) {
  (void)state;
  enum { ROUNDS = 30, PUSHED = 5000 }; /* grows twice or more in each round */
  chaos_set(unit_seed, 200);
  for (unsigned round = 0; round < ROUNDS; round++) {
    memset((void *)taken, 0, sizeof taken);
    atomic_store(&done, false);
    assert_true(deque_init(&shared));
    pthread_t theft;
    assert_int_equal(pthread_create(&theft, NULL, thief, NULL), 0);
    for (uint64_t item = 1; item <= PUSHED; item++) {
      assert_true(deque_push(&shared, item));
      while (item == 1 && atomic_load(&taken[1]) == 0)
        sched_yield(); /* until the thief is at work */
      if (item % 1024 == 1000)
        usleep(50);
    }
    for (uint64_t item; (item = deque_pop(&shared));)
      take(item);
    while (!deque_seems_empty(&shared))
      ;
    atomic_store(&done, true);
    pthread_join(theft, NULL);
    for (unsigned item = 1; item <= PUSHED; item++)
      assert_int_equal(taken[item], 1);
    deque_fini(&shared);
  }
  chaos_set(0, 0);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_owner_takes_the_newest_and_a_thief_the_oldest),
                                     cmocka_unit_test(every_item_is_taken_exactly_once),
                                     cmocka_unit_test(it_grows_under_a_thief)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
