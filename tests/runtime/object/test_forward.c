#include "runtime/object/forward.h"

#include <pthread.h>

#include "tests/runtime/cmocka.h"

struct pair {
  struct gc_header header;
  gc_field left, right;
  uint64_t number;
};
enum { TYPE_pair = GC_TYPE_FIRST };
static const struct gc_type types[] = {GC_TYPE(pair, left, 2)};

static int setup(void **state) {
  (void)state;
  return type_table_register(types, 1) == NULL ? 0 : -1;
}

static void a_copy_has_the_contents_and_the_old_copy_the_address(void **state) {
  (void)state;
  struct pair old = {.number = 42}, new_copy;
  gc_ref object = {(uintptr_t)&old}, copy = GC_NULL;
  object_init(object.bits, TYPE_pair, 7);
  uint64_t word = forward_claim(object, &copy);
  assert_int_not_equal(word, 0);
  assert_int_equal(forward_copy_bytes(object, word), sizeof(struct pair));
  forward_copy(object, word, (uintptr_t)&new_copy, sizeof(struct pair));
  forward_publish(object, word, (gc_ref){(uintptr_t)&new_copy});
  assert_int_equal(new_copy.number, 42);
  assert_int_equal(object_type((gc_ref){(uintptr_t)&new_copy}), TYPE_pair);
  assert_int_equal(forward_claim(object, &copy), 0);
  assert_int_equal(copy.bits, (uintptr_t)&new_copy);
}

static void an_identity_hash_survives_two_moves(void **state) {
  (void)state;
  struct pair first = {.number = 1};
  _Alignas(8) unsigned char second[64], third[64];
  gc_ref object = {(uintptr_t)&first}, copy;
  object_init(object.bits, TYPE_pair, 0);
  uint64_t hash = object_identity_hash(object, true);
  uintptr_t places[] = {(uintptr_t)second, (uintptr_t)third};
  for (unsigned move = 0; move < 2; move++) {
    uint64_t word = forward_claim(object, &copy);
    size_t bytes = forward_copy_bytes(object, word);
    assert_int_equal(bytes, sizeof(struct pair) + 8);
    copy = forward_copy(object, word, places[move], bytes);
    forward_publish(object, word, copy);
    assert_int_equal(object_identity_hash(copy, true), hash);
    assert_int_equal(object_bytes(copy), bytes);
    object = copy;
  }
  assert_int_equal(((struct pair *)object.bits)->number, 1);
}

/* Several threads claim the same objects: one wins each, all others see the winner's copy. */
enum { THREADS = 3, OBJECTS = 20000 };
static struct pair from[OBJECTS], to[THREADS][OBJECTS];
static _Atomic unsigned copies[OBJECTS];
static gc_ref seen[THREADS][OBJECTS];

static void *copier(void *argument) {
  unsigned self = (unsigned)(uintptr_t)argument;
  for (unsigned i = 0; i < OBJECTS; i++) {
    gc_ref object = {(uintptr_t)&from[i]}, copy = GC_NULL;
    uint64_t word = forward_claim(object, &copy);
    if (word) {
      copy = forward_copy(object, word, (uintptr_t)&to[self][i], sizeof(struct pair));
      atomic_fetch_add(&copies[i], 1);
      forward_publish(object, word, copy);
    }
    seen[self][i] = copy;
  }
  return NULL;
}

static void exactly_one_thread_copies(void **state) {
  (void)state;
  for (unsigned i = 0; i < OBJECTS; i++) {
    object_init((uintptr_t)&from[i], TYPE_pair, 0);
    from[i].number = i;
  }
  pthread_t threads[THREADS];
  for (uintptr_t t = 0; t < THREADS; t++)
    assert_int_equal(pthread_create(&threads[t], NULL, copier, (void *)t), 0);
  for (unsigned t = 0; t < THREADS; t++)
    pthread_join(threads[t], NULL);
  for (unsigned i = 0; i < OBJECTS; i++) {
    assert_int_equal(copies[i], 1);
    for (unsigned t = 1; t < THREADS; t++)
      assert_int_equal(seen[t][i].bits, seen[0][i].bits);
    assert_int_equal(((struct pair *)seen[0][i].bits)->number, i);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_copy_has_the_contents_and_the_old_copy_the_address),
                                     cmocka_unit_test(an_identity_hash_survives_two_moves),
                                     cmocka_unit_test(exactly_one_thread_copies)};
  return cmocka_run_group_tests(tests, setup, NULL);
}
