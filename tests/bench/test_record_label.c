#include "bench/record_label.h"

#include "tests/runtime/cmocka.h"

static void expect_label(const char *subject, const char *label) {
  char text[128];
  json_t *record = json_pack("{so}", "subject", json_loads(subject, 0, NULL));
  record_label(record, text, sizeof text);
  json_decref(record);
  assert_string_equal(text, label);
}

static void a_plain_record_is_called_by_its_collector(void **state) {
  (void)state;
  expect_label("{\"collector_text\":\"satb,log=4\",\"verify\":\"none\",\"instrumentation\":\"on\","
               "\"build\":{\"features\":{\"check_level\":0,\"chaos\":false,\"counting\":false}}}",
               "satb,log=4");
  expect_label("{\"collector_text\":\"satb\"}", "satb");
  expect_label("{}", "");
}

static void whatever_bends_times_is_named(void **state) {
  (void)state;
  expect_label("{\"collector_text\":\"satb\",\"build\":{\"features\":{\"counting\":true}}}", "satb (counting build)");
  expect_label("{\"collector_text\":\"satb\",\"verify\":\"heap,free\",\"instrumentation\":\"off\","
               "\"build\":{\"features\":{\"check_level\":2,\"chaos\":true}}}",
               "satb (--verify=heap,free, checks of level 2, random yields, --instrumentation=off)");
}

static void what_does_not_fit_is_cut(void **state) {
  (void)state;
  char text[12];
  json_t *record = json_pack("{s{ss ss}}", "subject", "collector_text", "satb", "verify", "heap");
  record_label(record, text, sizeof text);
  assert_string_equal(text, "satb (--ver");
  json_decref(record);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_plain_record_is_called_by_its_collector),
      cmocka_unit_test(whatever_bends_times_is_named),
      cmocka_unit_test(what_does_not_fit_is_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
