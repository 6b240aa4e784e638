#include "bench/record_label.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/record_path.h"

struct label {
  char *text;
  size_t bytes, used;
  bool opened;
};

__attribute__((format(printf, 2, 3))) static void add_caveat(struct label *label, const char *format, ...) {
  char caveat[96];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(caveat, sizeof caveat, format, arguments);
  va_end(arguments);
  if (label->used < label->bytes)
    label->used += (size_t)snprintf(label->text + label->used, label->bytes - label->used, "%s%s",
                                    label->opened ? ", " : " (", caveat);
  label->opened = true;
}

void record_label(const json_t *record, char *text, size_t text_bytes) {
  const json_t *subject = json_object_get(record, "subject"), *features = record_at(subject, "build.features");
  const char *verify = record_text(subject, "verify"), *instrumentation = record_text(subject, "instrumentation");
  double check_level = record_number(features, "check_level");
  struct label label = {.text = text, .bytes = text_bytes};
  label.used = (size_t)snprintf(text, text_bytes, "%s", record_text(subject, "collector_text"));
  if (*verify && strcmp(verify, "none") != 0)
    add_caveat(&label, "--verify=%s", verify);
  if (check_level > 0) /* false for NaN: not said */
    add_caveat(&label, "checks of level %g", check_level);
  if (json_is_true(record_at(features, "chaos")))
    add_caveat(&label, "random yields");
  if (json_is_true(record_at(features, "counting")))
    add_caveat(&label, "counting build");
  if (*instrumentation && strcmp(instrumentation, "on") != 0)
    add_caveat(&label, "--instrumentation=%s", instrumentation);
  if (label.opened && label.used + 1 < label.bytes)
    snprintf(text + label.used, text_bytes - label.used, ")");
}
