#include "bench/nominal_card.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/env.h"
#include "bench/record_path.h"
#include "bench/stats/metric.h"
#include "bench/text.h"

enum { SENTENCE_BYTES = 1024 };

/* ---- ranks ---- */

/* One statistic of one workload among all. */
struct standing {
  double value, least, median, most; /* NaN: not known */
  size_t rank, of;                   /* 0: not known */
  double score;                      /* NaN if there is nothing to be compared with */
};

/* With its default parameters: the text is the name alone. */
static bool is_default(const char *text) { return !strchr(text, ','); }

static bool is_same_workload(const char *a, const char *b) {
  size_t length = strcspn(a, ",");
  return length == strcspn(b, ",") && strncmp(a, b, length) == 0;
}

static struct standing standing_of(const struct nominal *nominal, const struct nominal_work *own,
                                   const struct nominal_statistic *statistic) {
  struct standing s = {own ? statistic->value(own) : NAN, NAN, NAN, NAN, 0, 0, NAN};
  double values[nominal->count + 1];
  for (size_t i = 0; i < nominal->count; i++) {
    const struct nominal_work *work = &nominal->works[i];
    if (work != own && (!is_default(work->text) || (own && is_same_workload(work->text, own->text))))
      continue;
    double value = statistic->value(work);
    if (!isfinite(value))
      continue;
    values[s.of++] = value;
    s.rank += value > s.value;
  }
  if (!isfinite(s.value)) {
    s.rank = s.of = 0;
    return s;
  }
  s.rank++;
  if (s.of > 1)
    s.score = round(10 * (double)(s.of - s.rank) / (double)(s.of - 1));
  gsl_sort(values, 1, s.of);
  s.least = values[0];
  s.median = gsl_stats_median_from_sorted_data(values, 1, s.of);
  s.most = values[s.of - 1];
  return s;
}

/* ---- where it comes from ---- */

static const char *const source_names[NOMINAL_SOURCES] = {[NOMINAL_TIMES] = "times", [NOMINAL_COUNTS] = "counts"};

static void GC_PRINTF(2, 3) append(char *text, const char *format, ...) {
  size_t used = strlen(text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + used, SENTENCE_BYTES - used, format, arguments);
  va_end(arguments);
}

/* Times must be of this very binary, counts, which a binary of its own finds, of the same sources. */
static bool is_of_this_build(enum nominal_source source, const json_t *record) {
  if (source == NOMINAL_TIMES)
    return strcmp(record_text(record, "subject.build.build_id"), env_build_id()) == 0;
  return *build_git && build_dirty == 0 && json_is_false(record_at(record, "subject.build.dirty")) &&
         strcmp(record_text(record, "subject.build.git"), build_git) == 0;
}

/* A sentence on the records of one source, or on how to get some. */
static void describe_source(enum nominal_source source, const struct nominal_work *work, const char *text,
                            char sentence[SENTENCE_BYTES]) {
  *sentence = 0;
  const json_t *record = work ? json_array_get(work->records[source], 0) : NULL;
  if (record) {
    const char *git = record_text(record, "subject.build.git");
    append(sentence, "%s, by a build of %s%s", record_text(record, "identity.started_utc"),
           *git ? git : "unknown sources",
           json_is_true(record_at(record, "subject.build.dirty")) ? " with changes" : "");
    if (!is_of_this_build(source, record))
      append(sentence, source == NOMINAL_TIMES ? ", not this one" : ", which may not be those of this one");
    if (record_number(record, "subject.build.features.check_level") > 0)
      append(sentence, "; with checks, so times mean little");
  } else if (source == NOMINAL_TIMES) {
    append(sentence, "not measured; `gclab nominal -w %s` does it", text);
  } else {
    append(sentence,
           "not measured; a build of its own does it: cmake --preset counting && cmake --build --preset counting, then "
           "build/counting/gclab nominal -w %s",
           text);
  }
}

/* ---- text ---- */

static void format(const struct nominal_statistic *statistic, double value, char text[32]) {
  if (isfinite(value) && statistic->unit == NOMINAL_BYTES)
    text_format_bytes(value, text, 32);
  else
    metric_format("", value, text, 32);
}

static void print_row(FILE *file, const struct nominal_statistic *statistic, const struct standing *s) {
  char value[32], least[32], median[32], most[32], rank[48] = "-", score[16] = "-";
  format(statistic, s->value, value);
  format(statistic, s->least, least);
  format(statistic, s->median, median);
  format(statistic, s->most, most);
  if (s->of)
    snprintf(rank, sizeof rank, "%zu/%zu", s->rank, s->of);
  if (isfinite(s->score))
    snprintf(score, sizeof score, "%.0f", s->score);
  fprintf(file, "  %s %-26s %8s %6s %3s %8s %8s %8s\n", statistic->code, statistic->label, value, rank, score, least,
          median, most);
}

void nominal_card_print(FILE *file, const struct nominal *nominal, const char *text) {
  const struct nominal_work *work = nominal_find(nominal, text);
  if (work) {
    fprintf(file, "\nmeasured, one thread              value   rank /10      min   median      max\n");
    for (size_t i = 0; i < nominal_statistic_count; i++) {
      struct standing s = standing_of(nominal, work, &nominal_statistics[i]);
      print_row(file, &nominal_statistics[i], &s);
    }
    fprintf(file, "\n");
  } else {
    fprintf(file, "\nmeasured\n");
  }
  for (enum nominal_source source = 0; source < NOMINAL_SOURCES; source++) {
    char sentence[SENTENCE_BYTES];
    describe_source(source, work, text, sentence);
    fprintf(file, "  %-13s ", source_names[source]);
    text_wrap(file, sentence, 16, 16);
  }
}

/* ---- JSON ---- */

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static json_t *statistic_json(const struct nominal_statistic *statistic, const struct standing *s) {
  json_t *row = json_pack("{ss ss ss so so so}", "code", statistic->code, "label", statistic->label, "description",
                          statistic->help, "value", number(s->value), "rank",
                          s->of ? json_integer((json_int_t)s->rank) : json_null(), "of",
                          s->of ? json_integer((json_int_t)s->of) : json_null());
  json_object_set_new(row, "score", number(s->score));
  json_object_set_new(row, "min", number(s->least));
  json_object_set_new(row, "median", number(s->median));
  json_object_set_new(row, "max", number(s->most));
  return row;
}

json_t *nominal_card_json(const struct nominal *nominal, const char *text) {
  const struct nominal_work *work = nominal_find(nominal, text);
  json_t *card = json_object(), *statistics = json_array();
  json_object_set_new(card, "statistics", statistics);
  for (size_t i = 0; work && i < nominal_statistic_count; i++) {
    struct standing s = standing_of(nominal, work, &nominal_statistics[i]);
    json_array_append_new(statistics, statistic_json(&nominal_statistics[i], &s));
  }
  for (enum nominal_source source = 0; source < NOMINAL_SOURCES; source++) {
    char sentence[SENTENCE_BYTES];
    const json_t *record = work ? json_array_get(work->records[source], 0) : NULL;
    describe_source(source, work, text, sentence);
    json_object_set_new(card, source_names[source],
                        json_pack("{ss ss? sO? sO? sb}", "summary", sentence, "run", work ? work->runs[source] : NULL,
                                  "build", record_at(record, "subject.build"), "machine", record_at(record, "machine"),
                                  "this_build", record && is_of_this_build(source, record)));
  }
  return card;
}
