#include "runtime/barrier/rc.h"

#include <pthread.h>
#include <sched.h>

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

static _Atomic uint64_t cell[2];
static gc_ref object(void) { return (gc_ref){(uintptr_t)cell}; }
static void reset(uint32_t word) { atomic_store(&cell[0], header_make(GC_TYPE_ID_MAX, word)); }

/* Runs both on two threads at once, many times over. */
enum { RACES = 20000 };
struct race {
  void (*prepare)(void);
  bool (*one)(void), (*other)(void);
  pthread_barrier_t start;
  _Atomic unsigned ready;
  bool result;
};

/* Returns when both threads are past the barrier: whoever returned from it late would acquire what the other has done
 * since, and ThreadSanitizer would see order where there is none.  relaxed: `ready` orders nothing. */
static void start_race(struct race *race) {
  pthread_barrier_wait(&race->start);
  unsigned mine = atomic_fetch_add_explicit(&race->ready, 1, memory_order_relaxed) | 1;
  while (atomic_load_explicit(&race->ready, memory_order_relaxed) <= mine)
    sched_yield();
}

static void *other_side(void *argument) {
  struct race *race = argument;
  for (unsigned i = 0; i < RACES; i++) {
    start_race(race);
    race->result = race->other();
    pthread_barrier_wait(&race->start);
  }
  return NULL;
}

/* Exactly one of the two returns true, every time. */
static void exactly_one_wins(struct race *race) {
  pthread_t thread;
  pthread_barrier_init(&race->start, NULL, 2);
  assert_int_equal(pthread_create(&thread, NULL, other_side, race), 0);
  for (unsigned i = 0; i < RACES; i++) {
    race->prepare();
    start_race(race);
    bool mine = race->one();
    pthread_barrier_wait(&race->start);
    assert_int_equal(mine + race->result, 1);
  }
  pthread_join(thread, NULL);
  pthread_barrier_destroy(&race->start);
}

/* A word as it may be while mutators run: black, purple and then buffered, or green. */
static uint32_t random_word(uint64_t *random) {
  static const uint32_t kinds[] = {0, RC_BUFFERED, RC_BUFFERED | RC_PURPLE, RC_GREEN};
  return (uint32_t)rng_below(random, 4) * RC_ONE | kinds[rng_below(random, 4)] | (rng_below(random, 2) ? RC_QUEUED : 0);
}

static void plain_and_atomic_operations_agree(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 0);
  for (unsigned i = 0; i < 100000; i++) {
    uint32_t word = random_word(&random);
    reset(word);
    if (rc_count(word) == 0 || rng_below(&random, 2)) {
      rc_inc_shared(object());
      assert_int_equal(rc_word(object()), word + RC_ONE);
      reset(word);
      rc_inc_alone(object());
      assert_int_equal(rc_word(object()), (word + RC_ONE) & ~(uint32_t)RC_PURPLE);
      continue;
    }
    enum rc_drop drop = rc_dec_shared(object());
    uint32_t after = rc_word(object());
    reset(word);
    if (rc_dec_alone_fast(object())) {
      assert_int_equal(drop, RC_DROP_DONE);
      assert_int_equal(rc_word(object()), after);
    }
    reset(word);
    assert_int_equal(rc_dec_alone(object()), drop);
    assert_int_equal(rc_word(object()), after);
    assert_int_equal(header_type(object_word(object())), GC_TYPE_ID_MAX);
  }
}

static void zero_is_announced_once(void **state) {
  (void)state;
  reset(RC_ONE);
  assert_int_equal(rc_dec_shared(object()), RC_DROP_ZERO);
  rc_inc_shared(object());
  assert_int_equal(rc_dec_shared(object()), RC_DROP_DONE); /* its queue will see it */
  assert_false(rc_unqueue_shared(object()));
  rc_inc_shared(object());
  assert_true(rc_unqueue_shared(object()));
  assert_int_equal(rc_dec_shared(object()), RC_DROP_ZERO);
}

static void green_is_never_suspected(void **state) {
  (void)state;
  reset(rc_newborn_word(true));
  rc_inc_alone(object());
  rc_inc_alone(object());
  assert_true(rc_dec_alone_fast(object()));
  reset(rc_newborn_word(false));
  rc_inc_alone(object());
  rc_inc_alone(object());
  assert_false(rc_dec_alone_fast(object()));
  assert_int_equal(rc_dec_alone(object()), RC_DROP_SUSPECT);
  rc_inc_alone(object());
  assert_int_equal(rc_colour(rc_word(object())), 0);
  assert_int_equal(rc_dec_alone(object()), RC_DROP_DONE); /* its entry is there still */
  assert_int_equal(rc_colour(rc_word(object())), RC_PURPLE);
}

static void a_full_count_is_stuck(void **state) {
  (void)state;
  reset(((uint32_t)1 << 31) - RC_ONE);
  rc_inc_alone(object());
  assert_true(rc_is_stuck(rc_word(object())));
  for (unsigned i = 0; i < 1000; i++) {
    assert_false(rc_dec_alone_fast(object()));
    assert_int_equal(rc_dec_alone(object()), RC_DROP_DONE);
    assert_int_equal(rc_dec_shared(object()), RC_DROP_DONE);
  }
  assert_int_equal(rc_word(object()), RC_STUCK);
  rc_inc_shared(object());
  assert_int_equal(rc_word(object()), RC_STUCK);
}

static void *count_up_and_down(void *argument) {
  unsigned *announced = argument;
  for (unsigned i = 0; i < 100000; i++) {
    rc_inc_shared(object());
    *announced += rc_dec_shared(object()) != RC_DROP_DONE;
  }
  return NULL;
}

static void threads_lose_no_count(void **state) {
  (void)state;
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  unsigned announced[THREADS] = {0}, all = 0;
  reset(3 * RC_ONE);
  for (unsigned i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, count_up_and_down, &announced[i]), 0);
  for (unsigned i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    all += announced[i];
  }
  assert_int_equal(rc_count(rc_word(object())), 3);
  assert_int_equal(all, 1); /* a suspect once */
}

/* A husk whose entry goes at the same time is freed by one of the two. */
static void prepare_husk(void) { reset(RC_QUEUED | RC_BUFFERED | RC_PURPLE); }
static bool become_husk(void) { return rc_become_husk_shared(object()); }
static bool unbuffer(void) { return rc_unbuffer_shared(object()); }
static void a_husk_is_freed_by_one_thread(void **state) {
  (void)state;
  exactly_one_wins(&(struct race){.prepare = prepare_husk, .one = become_husk, .other = unbuffer});
}

/* The last count of a newborn goes while its thread lets go of it: one of the two finds it at zero. */
static void prepare_newborn(void) { reset(RC_ONE | RC_QUEUED | RC_GREEN); }
static bool settle(void) { return !rc_unqueue_shared(object()); }
static bool drop(void) { return rc_dec_shared(object()) == RC_DROP_ZERO; }
static void a_dying_newborn_is_found_by_one_thread(void **state) {
  (void)state;
  exactly_one_wins(&(struct race){.prepare = prepare_newborn, .one = settle, .other = drop});
}

/* A weak reader takes a count, or the last count went before. */
static void prepare_last(void) { reset(RC_ONE | RC_GREEN); }
static bool take(void) { return rc_inc_unless_zero(object()); }
static void nobody_takes_a_dead_object(void **state) {
  (void)state;
  exactly_one_wins(&(struct race){.prepare = prepare_last, .one = take, .other = drop});
}

/* Whoever drops the last count sees what all others did to the object before they dropped theirs. */
static uint64_t of_one, of_other; /* plain, as an object's fields are */
static void two_counts(void) {
  reset(2 * RC_ONE | RC_GREEN);
  of_one = of_other = 0;
}
static bool drop_and_look(uint64_t *mine) {
  *mine = 1;
  if (rc_dec_shared(object()) != RC_DROP_ZERO)
    return false;
  assert_int_equal(of_one + of_other, 2);
  return true;
}
static bool drop_one(void) { return drop_and_look(&of_one); }
static bool drop_other(void) { return drop_and_look(&of_other); }

static void the_last_drop_sees_all_accesses(void **state) {
  (void)state;
  struct race race = {.prepare = two_counts, .one = drop_one, .other = drop_other};
  exactly_one_wins(&race);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20011);
  const struct CMUnitTest tests[] = {cmocka_unit_test(plain_and_atomic_operations_agree),
                                     cmocka_unit_test(zero_is_announced_once),
                                     cmocka_unit_test(green_is_never_suspected),
                                     cmocka_unit_test(a_full_count_is_stuck),
                                     cmocka_unit_test(threads_lose_no_count),
                                     cmocka_unit_test(a_husk_is_freed_by_one_thread),
                                     cmocka_unit_test(a_dying_newborn_is_found_by_one_thread),
                                     cmocka_unit_test(nobody_takes_a_dead_object),
                                     cmocka_unit_test(the_last_drop_sees_all_accesses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
