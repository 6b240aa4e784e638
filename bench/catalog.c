#include "bench/catalog.h"

#include <stdio.h>
#include <string.h>

#include "bench/env.h"
#include "bench/nominal_card.h"
#include "bench/subject.h"
#include "bench/suite_file.h"
#include "bench/text.h"

#define CHECKED_SUMMARY "any collector, with every use of a reference checked (-c checked,of=NAME)"

/* The capabilities, in the order in which they are shown. */
#define ATTRS(X) \
  X(reclaims) X(moves) X(generational) X(concurrent) X(counts) X(cycles) \
  X(weak) X(ephemerons) X(finalizers) X(threads) X(foreign)

/* ---- what JSON says ---- */

json_t *catalog_attrs(const struct gc_attrs *attrs) {
  json_t *object = json_object();
#define ATTR_JSON(name) json_object_set_new(object, #name, json_boolean(attrs->name));
  ATTRS(ATTR_JSON)
#undef ATTR_JSON
  return object;
}

static json_t *options_json(const struct gc_option *table) {
  json_t *array = json_array();
  for (; table && table->name; table++) {
    char allowed[256];
    option_format_allowed(table, allowed, sizeof allowed);
    json_array_append_new(array, json_pack("{ss ss ss ss}", "name", table->name, "default", table->fallback, "allowed",
                                           allowed, "help", table->help));
  }
  return array;
}

static json_t *collector_json(const struct gc_collector *c) {
  return json_pack("{ss ss ss? so so}", "name", c->name, "summary", c->summary, "form_of", c->form_of, "attrs",
                   catalog_attrs(&c->attrs), "options", options_json(c->options));
}

static json_t *collectors_json(void) {
  json_t *array = json_array();
  for (size_t i = 0; i < registry_collector_count; i++)
    json_array_append_new(array, collector_json(registry_collectors[i]));
  return array;
}

static const char *sharing_word(const struct gc_workload *w) {
  return w->sharing == GC_WORK_SPLIT ? "split" : "copies";
}

static json_t *figures_json(const struct gc_figure *figures) {
  json_t *array = json_array();
  for (size_t i = 0; i < figure_count(figures); i++)
    json_array_append_new(array, json_pack("{ss ss}", "name", figures[i].name, "help", figures[i].help));
  return array;
}

static json_t *workload_json(const struct gc_workload *w) {
  return json_pack("{ss ss ss ss? ss so so}", "name", w->name, "summary", w->summary, "sharing", sharing_word(w),
                   "operation", w->operation, "source", w->source, "params", options_json(w->params), "figures",
                   figures_json(w->figures));
}

static json_t *workloads_json(const struct gc_workload **workloads, size_t count) {
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(array, workload_json(workloads[i]));
  return array;
}

static json_t *matrix_json(const struct gc_workload **workloads, size_t count) {
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < registry_collector_count; j++) {
      const struct gc_collector *c = registry_collectors[j];
      const char *lacks = registry_unsupported(workloads[i], NULL, c, NULL, 2);
      json_array_append_new(array, json_pack("{ss ss sb ss?}", "workload", workloads[i]->name, "collector", c->name,
                                             "supported", lacks == NULL, "reason", lacks));
    }
  return array;
}

static void print_json(json_t *json) {
  json_dumpf(json, stdout, JSON_INDENT(1));
  printf("\n");
  json_decref(json);
}

/* ---- text ---- */

static void print_named(const char *name, const char *text) {
  text_wrap(stdout, text, printf("  %-13s ", name), 16);
}

static void print_collector(const struct gc_collector *c) {
  char text[512];
  snprintf(text, sizeof text, "%s%s%s%s", c->summary, c->form_of ? " (-c " : "", c->form_of ? c->form_of : "",
           c->form_of ? ")" : "");
  print_named(c->name, text);
}

static void list_collectors(void) {
  for (size_t i = 0; i < registry_collector_count; i++)
    print_collector(registry_collectors[i]);
  print_named("checked", CHECKED_SUMMARY);
}

static void list_workloads(const struct gc_workload **workloads, size_t count) {
  for (size_t i = 0; i < count; i++)
    print_named(workloads[i]->name, workloads[i]->summary);
}

enum { MATRIX_NAME_COLUMNS = 14, REASONS_MAX = 16 };

/* The number of `reason` among those met so far, from 1. */
static size_t number_reason(const char *reasons[REASONS_MAX], size_t *count, const char *reason) {
  size_t number = 0;
  while (number < *count && strcmp(reasons[number], reason) != 0)
    number++;
  if (number == *count && *count < REASONS_MAX)
    reasons[(*count)++] = reason;
  return number + 1;
}

/* How many collectors from `first` on fit beside each other. */
static size_t matrix_fits(size_t first) {
  size_t columns = MATRIX_NAME_COLUMNS, end = first;
  while (end < registry_collector_count && columns + 1 + strlen(registry_collectors[end]->name) <= TEXT_COLUMNS)
    columns += 1 + strlen(registry_collectors[end++]->name);
  return end - first;
}

/* A row for each workload, a column for each collector: yes, or a number that is explained below.  As many tables, one
 * below the other, as the collectors need. */
static void print_matrix(const struct gc_workload **workloads, size_t count) {
  const char *reasons[REASONS_MAX];
  size_t reason_count = 0;
  for (size_t first = 0, fits; first < registry_collector_count; first += fits) {
    fits = matrix_fits(first);
    printf("%s%-*s", first ? "\n" : "", MATRIX_NAME_COLUMNS, "");
    for (size_t j = first; j < first + fits; j++)
      printf(" %s", registry_collectors[j]->name);
    printf("\n");
    for (size_t i = 0; i < count; i++) {
      printf("%-*s", MATRIX_NAME_COLUMNS, workloads[i]->name);
      for (size_t j = first; j < first + fits; j++) {
        const struct gc_collector *c = registry_collectors[j];
        const char *lacks = registry_unsupported(workloads[i], NULL, c, NULL, 2);
        char cell[32] = "yes";
        if (lacks)
          snprintf(cell, sizeof cell, "(%zu)", number_reason(reasons, &reason_count, lacks));
        printf(" %-*s", j + 1 == first + fits ? 0 : (int)strlen(c->name), cell);
      }
      printf("\n");
    }
  }
  for (size_t i = 0; i < reason_count; i++)
    printf("(%zu) unsupported: %s\n", i + 1, reasons[i]);
}

int command_list(const struct options *options) {
  const char *what = options->word_count ? options->words[0] : "";
  bool collectors = strcmp(what, "collectors") == 0, workloads = strcmp(what, "workloads") == 0;
  bool suites = strcmp(what, "suites") == 0;
  if (options->word_count > 1 || (*what && !collectors && !workloads && !suites))
    usage_error("`gclab list` lists collectors, workloads or suites, not '%s'",
                options->words[options->word_count - 1]);
  if (suites) {
    suite_file_list();
    return EXIT_OK;
  }
  size_t count = registry_workloads(NULL, 0);
  const struct gc_workload *rows[count + 1];
  registry_workloads(rows, count);
  if (options->matrix) {
    if (options->json)
      print_json(matrix_json(rows, count));
    else
      print_matrix(rows, count);
  } else if (options->json) {
    if (*what)
      print_json(collectors ? collectors_json() : workloads_json(rows, count));
    else
      print_json(json_pack("{so so}", "collectors", collectors_json(), "workloads", workloads_json(rows, count)));
  } else {
    if (!*what)
      printf("collectors\n");
    if (!workloads)
      list_collectors();
    if (!*what)
      printf("\nworkloads\n");
    if (!collectors)
      list_workloads(rows, count);
    if (!*what) {
      printf("\nsuites\n");
      suite_file_list();
    }
  }
  return EXIT_OK;
}

/* ---- gclab show ---- */

static void show_options(const char *heading, const struct gc_option *table) {
  if (option_count(table) == 0)
    return;
  printf("\n%s\n", heading);
  for (; table->name; table++) {
    char allowed[256], text[768];
    option_format_allowed(table, allowed, sizeof allowed);
    if (strstr(table->help, allowed))
      snprintf(text, sizeof text, "%s [%s]", table->help, table->fallback);
    else
      snprintf(text, sizeof text, "%s; %s [%s]", table->help, allowed, table->fallback);
    print_named(table->name, text);
  }
}

static void show_figures(const struct gc_figure *figures) {
  if (figure_count(figures) == 0)
    return;
  printf("\nfigures (in each record, and below the table of gclab run)\n");
  for (; figures->name; figures++)
    print_named(figures->name, figures->help);
}

static void show_heading(const char *name, const char *summary) {
  text_wrap(stdout, summary, printf("%s: ", name), 0);
  printf("\n");
}

static void show_collector(const struct gc_collector *c) {
  char text[256] = "";
  show_heading(c->name, c->summary);
#define ATTR_WORD(name) \
  if (c->attrs.name)    \
    strcat(strcat(text, *text ? ", " : ""), #name);
  ATTRS(ATTR_WORD)
#undef ATTR_WORD
  print_named("can", text);
  if (c->form_of)
    print_named("-c", c->form_of);
  show_options("options (-c NAME,opt=value)", c->options);
}

static void show_workload(const struct workload_choice *choice, const struct options *options) {
  const struct gc_workload *w = choice->workload;
  struct nominal nominal;
  nominal_read(&nominal, options->output);
  if (options->json) {
    json_t *json = workload_json(w);
    json_object_set_new(json, "nominal", nominal_card_json(&nominal, choice->text));
    print_json(json);
    nominal_free(&nominal);
    return;
  }
  show_heading(w->name, w->summary);
  print_named("stresses", w->stresses);
  print_named("source", w->source);
  print_named("-t n", w->sharing == GC_WORK_SPLIT ? "the work is divided by n" : "n copies of the work");
  if (w->operation)
    print_named("counts", w->operation);
  show_options("options (after --, or -w NAME,opt=value)", w->params);
  show_figures(w->figures);
  nominal_card_print(stdout, &nominal, choice->text);
  nominal_free(&nominal);
}

int command_show(const struct options *options) {
  if (options->word_count != 2)
    usage_error("write `gclab show collector NAME` or `gclab show workload NAME`");
  const char *kind = options->words[0], *name = options->words[1];
  char message[1024];
  if (strcmp(kind, "collector") == 0) {
    struct collector_choice choice;
    if (strcmp(name, "checked") == 0 && !options->json) {
      printf("checked: %s\n", CHECKED_SUMMARY);
      return EXIT_OK;
    }
    if (!subject_read_collector(&choice, name, message, sizeof message))
      usage_error("%s", message);
    if (options->json)
      print_json(collector_json(choice.collector));
    else
      show_collector(choice.collector);
  } else if (strcmp(kind, "workload") == 0) {
    struct workload_choice choice;
    if (!subject_read_workload(&choice, name, message, sizeof message))
      usage_error("%s", message);
    show_workload(&choice, options);
  } else {
    usage_error("`gclab show` shows a collector or a workload, not a '%s'", kind);
  }
  return EXIT_OK;
}

/* ---- gclab version ---- */

int command_version(const struct options *options) {
  if (options->json) {
    print_json(env_build());
    return EXIT_OK;
  }
  printf("gclab %s%s, id %s\n%s, %s\nchecks of level %d, schedules %s\n%zu collectors, %zu workloads\n",
         *build_git ? build_git : "(no git)", build_dirty > 0 ? " with changes" : "", env_build_id(), build_compiler,
         build_flags, GC_CHECK_LEVEL, GC_CHAOS_ENABLED ? "on" : "off", registry_collector_count,
         registry_workloads(NULL, 0));
  return EXIT_OK;
}
