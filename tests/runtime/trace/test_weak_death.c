#include "runtime/base/rng.h"
#include "runtime/trace/weak.h"
#include "tests/runtime/cmocka.h"

enum { WEAKS = 300, TARGETS = 60 };
static struct weak_table table;
static struct gc_weak weaks[WEAKS];
static struct gc_ephemeron ephemerons[WEAKS];
static struct gc_raw targets[TARGETS];

static gc_ref ref_of(const void *object) { return (gc_ref){(uintptr_t)object}; }
static void due(struct gc_mutator *m, void *argument) { (void)m, (void)argument; }

static int setup(void **state) {
  (void)state;
  memset(weaks, 0, sizeof weaks);
  memset(ephemerons, 0, sizeof ephemerons);
  for (unsigned i = 0; i < WEAKS; i++) {
    object_init((uintptr_t)&weaks[i], GC_TYPE_WEAK, 0);
    object_init((uintptr_t)&ephemerons[i], GC_TYPE_EPHEMERON, 0);
  }
  for (unsigned i = 0; i < TARGETS; i++)
    object_init((uintptr_t)&targets[i], GC_TYPE_RAW, 0);
  return weak_table_init(&table) ? 0 : -1;
}
static int teardown(void **state) {
  (void)state;
  weak_table_fini(&table);
  return 0;
}

static void a_death_clears_its_own_references_only(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 0);
  bool entered[WEAKS] = {0};
  size_t notices = 0;
  for (unsigned step = 0; step < 20000; step++) {
    unsigned i = (unsigned)rng_below(&random, WEAKS);
    gc_ref weak = ref_of(&weaks[i]), target = ref_of(&targets[rng_below(&random, TARGETS)]);
    if (rng_below(&random, 20) == 0) { /* the target dies */
      size_t referring = 0;
      for (unsigned j = 0; j < WEAKS; j++)
        referring += entered[j] && field_bits(&weaks[j].target) == target.bits;
      weak_table_clear_target(&table, target);
      for (unsigned j = 0; j < WEAKS; j++)
        if (entered[j] && field_bits(&weaks[j].target) == 0)
          entered[j] = false, referring--, notices++;
      assert_int_equal(referring, 0);
    } else if (entered[i]) { /* the weak reference dies */
      weak_table_drop(&table, weak);
      entered[i] = false;
      field_set_bits(&weaks[i].target, 0);
    } else {
      field_set_bits(&weaks[i].target, target.bits);
      assert_true(weak_table_add(&table, weak, target, due, NULL));
      entered[i] = true;
    }
    if (rng_below(&random, 500) == 0)
      table.by_target.built = false; /* as after a tracing cycle */
    size_t all = 0;
    for (unsigned j = 0; j < WEAKS; j++)
      all += entered[j];
    assert_int_equal(table.weak_count, all);
  }
  struct weak_notice notice;
  for (; weak_table_take_notice(&table, &notice); notices--)
    ;
  assert_int_equal(notices, 0);
}

struct released {
  size_t count;
  uintptr_t value;
};
static void release(void *context, gc_ref ephemeron, gc_ref value) {
  struct released *released = context;
  assert_int_equal(field_bits(&ephemeron_of(ephemeron)->value), 0);
  assert_int_equal(value.bits, released->value);
  released->count++;
}
static void count(void *context, gc_ref ephemeron) {
  (void)ephemeron;
  ++*(size_t *)context;
}

static void a_dead_key_releases_its_values(void **state) {
  (void)state;
  for (unsigned i = 0; i < WEAKS; i++) {
    field_set_bits(&ephemerons[i].key, ref_of(&targets[i % 3]).bits);
    field_set_bits(&ephemerons[i].value, ref_of(&targets[10 + i % 3]).bits);
    assert_true(weak_table_add_ephemeron(&table, ref_of(&ephemerons[i])));
  }
  weak_table_drop(&table, ref_of(&ephemerons[1]));
  size_t keyed = 0;
  weak_table_for_key(&table, ref_of(&targets[1]), &keyed, count);
  assert_int_equal(keyed, WEAKS / 3 - 1);
  struct released released = {.value = ref_of(&targets[11]).bits};
  weak_table_clear_key(&table, ref_of(&targets[1]), &released, release);
  assert_int_equal(released.count, WEAKS / 3 - 1);
  assert_int_equal(table.ephemeron_count, WEAKS - WEAKS / 3);
  assert_int_equal(field_bits(&ephemerons[4].key), 0);
  assert_int_equal(field_bits(&ephemerons[3].key), ref_of(&targets[0]).bits);
  released = (struct released){0};
  weak_table_clear_key(&table, ref_of(&targets[1]), &released, release);
  assert_int_equal(released.count, 0);
}

static bool keep_none(gc_ref referent) { return gc_is_null(referent); }
static bool keep_all(gc_ref referent) { return !gc_is_null(referent); }
static void a_reader_gets_what_is_kept(void **state) {
  (void)state;
  field_set_bits(&weaks[0].target, ref_of(&targets[0]).bits);
  assert_int_equal(weak_table_read(&table, &weaks[0].target, keep_all).bits, ref_of(&targets[0]).bits);
  assert_true(gc_is_null(weak_table_read(&table, &weaks[0].target, keep_none)));
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 31);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_death_clears_its_own_references_only, setup, teardown),
      cmocka_unit_test_setup_teardown(a_dead_key_releases_its_values, setup, teardown),
      cmocka_unit_test_setup_teardown(a_reader_gets_what_is_kept, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
