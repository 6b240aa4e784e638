#include "runtime/barrier/biased.h"

#include <pthread.h>
#include <sched.h>

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

enum { MINE = 7, OTHERS = 9 };

/* An object with its shared count before it. */
static _Alignas(16) _Atomic uint64_t cell[4];
static gc_ref object(void) { return (gc_ref){(uintptr_t)(cell + 1)}; }
static const uint32_t mine = (uint32_t)MINE << BIASED_OWNER_SHIFT, others = (uint32_t)OTHERS << BIASED_OWNER_SHIFT;

static void reset(uint32_t word, uint32_t shared) {
  atomic_store(&cell[0], shared);
  atomic_store(&cell[1], header_make(GC_TYPE_ID_MAX, word));
}
static uint32_t shared_of(int32_t count, enum biased_state state) { return (uint32_t)count * BIASED_ONE | state; }

static void expect(uint32_t word, int32_t count, enum biased_state state) {
  assert_int_equal(biased_word(object()), word);
  assert_int_equal(biased_shared_count(biased_shared(object())), count);
  assert_int_equal(biased_state_of(biased_shared(object())), state);
  assert_int_equal(header_type(object_word(object())), GC_TYPE_ID_MAX);
}

static void each_thread_counts_in_its_place(void **state) {
  (void)state;
  reset(mine, 0);
  biased_take(object(), mine);
  biased_take(object(), mine);
  expect(mine | 2, 0, BIASED_PLAIN);
  biased_take(object(), others);
  expect(mine | 2, 1, BIASED_PLAIN);
  assert_int_equal(biased_count(object()), 3);
  assert_true(biased_drop_own(object(), mine));
  assert_false(biased_drop_own(object(), mine)); /* perhaps the last */
  assert_false(biased_drop_own(object(), others));
  assert_int_equal(biased_drop(object(), others), BIASED_IN_USE);
  expect(mine | 1, 0, BIASED_PLAIN);
  assert_int_equal(biased_drop(object(), mine), BIASED_DEAD);
}

static void what_the_owner_counted_is_left_to_it(void **state) {
  (void)state;
  reset(mine | 2, 0);
  assert_int_equal(biased_drop(object(), others), BIASED_FOR_OWNER);
  expect(mine | 2, 0, BIASED_QUEUED); /* the entry is a reference still */
  assert_int_equal(biased_drop(object(), others), BIASED_IN_USE);
  expect(mine | 2, -1, BIASED_QUEUED);
  assert_int_equal(biased_merge(object()), BIASED_IN_USE);
  expect(0, 1, BIASED_MERGED);
  assert_int_equal(biased_drop(object(), mine), BIASED_DEAD);
}

/* The owner drops its last while the others count more, or less than nothing. */
static void an_owner_without_references_gives_up(void **state) {
  (void)state;
  reset(mine | 1, shared_of(3, BIASED_PLAIN));
  assert_int_equal(biased_drop(object(), mine), BIASED_IN_USE);
  expect(0, 3, BIASED_MERGED);
  biased_take(object(), mine); /* as everybody */
  expect(0, 4, BIASED_MERGED);
  reset(mine | 1, shared_of(1, BIASED_QUEUED)); /* the entry */
  assert_int_equal(biased_drop(object(), mine), BIASED_IN_USE);
  assert_int_equal(biased_merge(object()), BIASED_IN_USE);
  assert_int_equal(biased_drop(object(), mine), BIASED_DEAD);
  reset(mine | 1, BIASED_MAYBE_WEAK);
  assert_int_equal(biased_drop(object(), mine), BIASED_DEAD);
  expect(0, 0, BIASED_MERGED);
  biased_revive(object());
  expect(0, 1, BIASED_MERGED);
  reset(mine, 0);
  biased_revive(object());
  expect(mine | 1, 0, BIASED_PLAIN);
}

static void a_full_local_part_spills(void **state) {
  (void)state;
  reset(mine, 0);
  uint32_t references = 2 * BIASED_LOCAL_LIMIT + 5;
  for (uint32_t i = 0; i < references; i++)
    biased_take(object(), mine);
  assert_int_equal(biased_count(object()), references);
  assert_int_equal(biased_owner_of(object()), mine);
  for (uint32_t i = 0; i < references - 1; i++)
    assert_int_equal(biased_drop(object(), mine), BIASED_IN_USE);
  assert_int_equal(biased_drop(object(), mine), BIASED_DEAD);
}

static void a_full_shared_part_is_stuck(void **state) {
  (void)state;
  reset(mine | 1, shared_of(BIASED_STUCK_COUNT - 1, BIASED_MAYBE_WEAK));
  biased_take(object(), others);
  assert_true(biased_is_stuck(biased_shared(object())));
  for (unsigned i = 0; i < 1000; i++)
    assert_int_equal(biased_drop(object(), others), BIASED_IN_USE);
  assert_int_equal(biased_drop(object(), mine), BIASED_IN_USE);
  assert_int_equal(biased_drop(object(), mine), BIASED_IN_USE);
  expect(0, (int32_t)BIASED_STUCK >> 2, BIASED_MERGED);
}

static void immortal_objects_have_no_shared_part(void **state) {
  (void)state;
  reset(BIASED_IMMORTAL, 0xabcdef00);
  biased_take(object(), mine);
  assert_false(biased_drop_own(object(), mine));
  assert_int_equal(biased_drop(object(), mine), BIASED_IN_USE);
  assert_int_equal(biased_word(object()), BIASED_IMMORTAL);
  assert_int_equal(biased_shared(object()), 0xabcdef00);
}

static void only_what_lives_is_taken_from_weak_references(void **state) {
  (void)state;
  reset(mine | 1, 0);
  assert_true(biased_try_take(object(), mine));
  expect(mine | 2, 0, BIASED_PLAIN);
  biased_expect_weak(object());
  assert_true(biased_try_take(object(), others));
  expect(mine | 2, 1, BIASED_MAYBE_WEAK);
  reset(mine, 0);
  assert_false(biased_try_take(object(), mine));
  reset(0, BIASED_MERGED);
  assert_false(biased_try_take(object(), others));
  biased_expect_weak(object());
  expect(0, 0, BIASED_MERGED);
  reset(mine | 1, BIASED_QUEUED);
  assert_true(biased_try_take(object(), others));
}

/* ---- threads ---- */

/* Runs both on two threads at once, many times over. */
enum { RACES = 20000 };
struct race {
  void (*prepare)(void);
  void (*one)(void), (*other)(void);
  void (*look)(void);
  pthread_barrier_t start;
  _Atomic unsigned ready;
};

/* Returns when both threads are past the barrier: whoever returned from it late would acquire what the other has done
 * since, and ThreadSanitizer would see order where there is none.  relaxed: `ready` orders nothing. */
static void start_race(struct race *race) {
  pthread_barrier_wait(&race->start);
  unsigned past = atomic_fetch_add_explicit(&race->ready, 1, memory_order_relaxed) | 1;
  while (atomic_load_explicit(&race->ready, memory_order_relaxed) <= past)
    sched_yield();
}

static void *other_side(void *argument) {
  struct race *race = argument;
  for (unsigned i = 0; i < RACES; i++) {
    start_race(race);
    race->other();
    pthread_barrier_wait(&race->start);
  }
  return NULL;
}

static void run_race(struct race *race) {
  pthread_t thread;
  pthread_barrier_init(&race->start, NULL, 2);
  assert_int_equal(pthread_create(&thread, NULL, other_side, race), 0);
  for (unsigned i = 0; i < RACES; i++) {
    race->prepare();
    start_race(race);
    race->one();
    pthread_barrier_wait(&race->start);
    race->look();
  }
  pthread_join(thread, NULL);
  pthread_barrier_destroy(&race->start);
}

static enum biased_drop of_owner, of_other;

static uint64_t by_owner, by_other; /* plain, as an object's fields are */
static bool dead(void) { return of_owner == BIASED_DEAD || of_other == BIASED_DEAD; }

static void owner_drops(void) {
  by_owner = 1;
  of_owner = biased_drop(object(), mine);
  if (of_owner == BIASED_DEAD)
    assert_int_equal(by_owner + by_other, 2);
}
static void other_drops(void) {
  by_other = 1;
  of_other = biased_drop(object(), others);
  if (of_other == BIASED_DEAD)
    assert_int_equal(by_owner + by_other, 2);
}

/* One reference each: whoever is last finds the object dead, and sees what the other did to it before. */
static void prepare_two(void) {
  reset(mine | 1, shared_of(1, BIASED_PLAIN));
  by_owner = by_other = 0;
}
static void one_found_it_dead(void) { assert_int_equal((of_owner == BIASED_DEAD) + (of_other == BIASED_DEAD), 1); }
static void the_last_of_two_drops_finds_it_dead(void **state) {
  (void)state;
  run_race(&(struct race){.prepare = prepare_two, .one = owner_drops, .other = other_drops,
                          .look = one_found_it_dead});
}

/* The owner counted both: the other's drop waits in the queue, or is the last. */
static void prepare_owned(void) {
  reset(mine | 2, 0);
  by_owner = by_other = 0;
}
static void queue_or_death(void) {
  assert_false(dead());
  assert_int_equal(of_other, BIASED_FOR_OWNER);
  biased_merge(object());
  assert_int_equal(biased_drop(object(), mine), BIASED_DEAD);
}
static void a_queued_object_outlives_its_owners_references(void **state) {
  (void)state;
  run_race(&(struct race){.prepare = prepare_owned, .one = owner_drops, .other = other_drops, .look = queue_or_death});
}

/* A weak reader takes the object, or its owner found it dead. */
static bool taken;
static void prepare_weak(void) { reset(mine | 1, BIASED_MAYBE_WEAK); }
static void other_takes(void) { taken = biased_try_take(object(), others); }
static void taken_or_dead(void) {
  assert_int_equal(taken, of_owner != BIASED_DEAD);
  if (taken)
    assert_int_equal(biased_drop(object(), others), BIASED_DEAD);
}
static void nobody_takes_a_dead_object(void **state) {
  (void)state;
  run_race(&(struct race){.prepare = prepare_weak, .one = owner_drops, .other = other_takes, .look = taken_or_dead});
}

enum { THREADS = 4, ROUNDS = 100000 };
static void *count_up_and_down(void *argument) {
  uint32_t owner = biased_owner((uint32_t)(uintptr_t)argument);
  uint64_t random = rng_stream(unit_seed, owner);
  for (unsigned i = 0; i < ROUNDS; i++) {
    biased_take(object(), owner);
    if (rng_below(&random, 4) == 0)
      biased_take(object(), owner);
    else
      assert_int_not_equal(biased_drop(object(), owner), BIASED_DEAD);
  }
  return NULL;
}

/* Each takes first, so none drops at a shared 0. */
static void threads_lose_no_count(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  int64_t expected = 3;
  reset(mine | 3, 0);
  for (uintptr_t i = 0; i < THREADS; i++) {
    assert_int_equal(pthread_create(&threads[i], NULL, count_up_and_down, (void *)(MINE + i)), 0);
    uint64_t random = rng_stream(unit_seed, biased_owner((uint32_t)(MINE + i)));
    for (unsigned round = 0; round < ROUNDS; round++)
      expected += rng_below(&random, 4) == 0 ? 2 : 0;
  }
  for (unsigned i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  assert_int_equal(biased_count(object()), expected);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 70303);
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_thread_counts_in_its_place),
                                     cmocka_unit_test(what_the_owner_counted_is_left_to_it),
                                     cmocka_unit_test(an_owner_without_references_gives_up),
                                     cmocka_unit_test(a_full_local_part_spills),
                                     cmocka_unit_test(a_full_shared_part_is_stuck),
                                     cmocka_unit_test(immortal_objects_have_no_shared_part),
                                     cmocka_unit_test(only_what_lives_is_taken_from_weak_references),
                                     cmocka_unit_test(the_last_of_two_drops_finds_it_dead),
                                     cmocka_unit_test(a_queued_object_outlives_its_owners_references),
                                     cmocka_unit_test(nobody_takes_a_dead_object),
                                     cmocka_unit_test(threads_lose_no_count)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
