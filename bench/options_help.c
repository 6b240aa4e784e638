/* options_help.c -- `gclab help`: the tables of option_rows.h, for people. */
#include <stdio.h>
#include <string.h>

#include "bench/nominal.h"
#include "bench/option_rows.h"
#include "bench/text.h"
#include "bench/trace.h"
#include "runtime/verify/verify.h"

static void help_flag(const struct flag *flag) {
  enum { LEFT_COLUMNS = 24 };
  char left[80], right[256];
  snprintf(left, sizeof left, "%c%c%s--%s%s%s%s", flag->letter ? '-' : ' ', flag->letter ? flag->letter : ' ',
           flag->letter ? ", " : "  ", flag->option.name,
           !flag->argument ? "" : flag->kind == FLAG_WORD ? "[=" : " ", flag->argument ? flag->argument : "",
           flag->kind == FLAG_WORD ? "]" : "");
  bool shown = flag->option.fallback && strcmp(flag->option.fallback, "0") != 0;
  snprintf(right, sizeof right, "%s%s%s%s", flag->option.help, shown ? " [" : "", shown ? flag->option.fallback : "",
           shown ? "]" : "");
  printf("  %s", left);
  if (text_columns(left) > LEFT_COLUMNS)
    printf("\n%*s", LEFT_COLUMNS + 4, "");
  else
    printf("%*s", LEFT_COLUMNS + 2 - text_columns(left), "");
  text_wrap(stdout, right, LEFT_COLUMNS + 4, LEFT_COLUMNS + 4);
}

static void help_command(const struct command_row *row) {
  printf("gclab %s %s\n  %s\n\n", row->name, row->arguments, row->summary);
  if (*row->details) {
    text_wrap(stdout, row->details, 0, 0);
    printf("\n");
  }
  for (size_t i = 0; i < flag_row_count; i++)
    if (flag_rows[i].commands & row->command)
      help_flag(&flag_rows[i]);
}

static void help_nominal(void) {
  for (size_t i = 0; i < nominal_statistic_count; i++) {
    char text[256];
    snprintf(text, sizeof text, "%s: %s", nominal_statistics[i].label, nominal_statistics[i].help);
    printf("  %-5s ", nominal_statistics[i].code);
    text_wrap(stdout, text, 8, 8);
  }
}

static void help_verify(void) {
  printf(
      "gclab run --verify=NAME[,NAME…]\n  second opinions on the collector, by code that it shares nothing with\n\n");
  text_wrap(stdout,
            "A verifier that finds something wrong prints it and ends the invocation; its outcome is verify_failed.  "
            "A collector that has nothing for a verifier to look at is passed over.  Times are meaningless meanwhile.",
            0, 0);
  printf("\n");
  for (size_t i = 0; i < VERIFIER_COUNT; i++) {
    printf("  %-8s", verifier_names[i]);
    text_wrap(stdout, verifier_texts[i], 10, 10);
  }
  printf("  %-8s", "all");
  text_wrap(stdout, "each of these", 10, 10);
  printf("  %-8s", "slow");
  text_wrap(stdout, "tell everything that is wrong, each finding with its path from a root, before the end", 10, 10);
  printf("\n");
  text_wrap(
      stdout,
      "shadow needs a hook in every store: -c checked,of=NAME.  remark adds memory.floating_bytes to the record.  "
      "The levels 0 (none) and 3 (all) are understood, too.",
      0, 0);
}

bool options_help(const char *command) {
  if (!command) {
    printf("gclab -- a program for comparing garbage collectors\n\n");
    for (size_t i = 0; i < command_row_count; i++)
      if (command_rows[i].summary)
        printf("  gclab %-8s %s\n", command_rows[i].name, command_rows[i].summary);
    printf("\n`gclab help COMMAND` tells the options.  For example:\n"
           "  gclab run -c satb -w gcbench --heap 2x -t 2 -n 3\n\n"
           "Exit: 0 ok, 1 some invocations failed (also for want of memory), 2 wrong usage,\n"
           "3 the machine or a folder refuses, 130 interrupted.\n");
    return true;
  }
  if (strcmp(command, "probes") == 0) {
    trace_help_probes();
    return true;
  }
  for (size_t i = 0; i < command_row_count; i++)
    if (command_rows[i].summary && strcmp(command_rows[i].name, command) == 0) {
      help_command(&command_rows[i]);
      if (command_rows[i].command == COMMAND_NOMINAL) {
        printf("\n");
        help_nominal();
      }
      if (command_rows[i].command == COMMAND_VERIFY) { /* also an option of `gclab run`, with a page of its own */
        printf("\n");
        help_verify();
      }
      return true;
    }
  return false;
}
