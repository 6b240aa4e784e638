#include "bench/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/option_rows.h"
#include "runtime/verify/verify.h"

enum { LONG_BASE = 256 }; /* getopt_long's number of the first long option */

static const struct command_row *current;

/* ---- errors ---- */

static void complain(const char *format, va_list arguments) {
  fprintf(stderr, "gclab: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
}

void usage_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  complain(format, arguments);
  va_end(arguments);
  bool known = current && current->summary;
  fprintf(stderr, "See `gclab help%s%s`.\n", known ? " " : "", known ? current->name : "");
  exit(EXIT_USAGE);
}

void environment_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  complain(format, arguments);
  va_end(arguments);
  exit(EXIT_ENVIRONMENT);
}

/* ---- reading ---- */

static void read_command(struct options *options, const char *name) {
  if (!name)
    usage_error("what shall it do?");
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
    name = "help";
  if (strcmp(name, "--version") == 0)
    name = "version";
  const char *names[command_row_count];
  for (size_t i = 0; i < command_row_count; i++) {
    names[i] = command_rows[i].name;
    if (strcmp(command_rows[i].name, name) == 0)
      current = &command_rows[i];
  }
  if (!current) {
    const char *nearest = option_nearest(name, names, command_row_count - 1);
    usage_error("there is no command '%s'%s%s%s", name, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                nearest ? "'?" : "");
  }
  options->command = current->command;
}

static void set_defaults(struct options *options) {
  for (size_t i = 0; i < flag_row_count; i++) {
    const struct gc_option table[] = {flag_rows[i].option, {0}};
    if (flag_rows[i].kind == FLAG_NUMBER && table[0].fallback)
      option_defaults(table, (struct gc_value *)((char *)options + flag_rows[i].target));
  }
}

static void set_number(struct options *options, const struct flag *flag, const char *argument) {
  const struct gc_option table[] = {flag->option, {0}};
  char text[strlen(table[0].name) + strlen(argument) + 2], message[512];
  snprintf(text, sizeof text, "%s=%s", table[0].name, argument);
  if (!option_set(table, (struct gc_value *)((char *)options + flag->target), text, strlen(text), message,
                  sizeof message))
    usage_error("--%s", message);
}

static void apply(struct options *options, const struct flag *flag, const char *argument) {
  if (!(flag->commands & options->command))
    usage_error("`gclab %s` takes no option --%s", current->name, flag->option.name);
  void *target = (char *)options + flag->target;
  struct text_list *list = target;
  switch (flag->kind) {
  case FLAG_SWITCH: *(bool *)target = true; break;
  case FLAG_TEXT: *(const char **)target = argument; break;
  case FLAG_WORD: *(const char **)target = argument ? argument : flag->option.fallback; break;
  case FLAG_NUMBER: set_number(options, flag, argument); break;
  case FLAG_LIST:
    if (list->count == TEXTS_MAX)
      usage_error("more than %d times --%s", TEXTS_MAX, flag->option.name);
    list->items[list->count++] = argument;
  }
  if (flag->given)
    *(bool *)((char *)options + flag->given) = true;
}

static _Noreturn void unknown_option(const char *text) {
  const char *names[flag_row_count];
  size_t count = 0;
  for (size_t i = 0; i < flag_row_count; i++)
    if (flag_rows[i].commands & current->command)
      names[count++] = flag_rows[i].option.name;
  const char *nearest = strncmp(text, "--", 2) == 0 ? option_nearest(text + 2, names, count) : NULL;
  if (nearest)
    usage_error("`gclab %s` has no option '%s'; did you mean '--%s'?", current->name, text, nearest);
  usage_error("`gclab %s` has no option '%s'", current->name, text);
}

/* What getopt_long found: a letter, or a long option of that number.  One name may mean this in one command and that in
 * another. */
static const struct flag *find_flag(int found) {
  const struct flag *other = NULL;
  for (size_t i = 0; i < flag_row_count; i++) {
    bool same = found < LONG_BASE ? flag_rows[i].letter == found
                                  : strcmp(flag_rows[i].option.name, flag_rows[found - LONG_BASE].option.name) == 0;
    if (same && (flag_rows[i].commands & current->command))
      return &flag_rows[i];
    if (same)
      other = &flag_rows[i];
  }
  return other;
}

static void read_flags(struct options *options, int argc, char **argv) {
  struct option long_options[FLAGS_MAX + 2] = {{0}};
  char letters[3 * FLAGS_MAX + 4] = ":h";
  for (size_t i = 0; i < flag_row_count; i++) {
    bool takes = flag_rows[i].kind != FLAG_SWITCH;
    int how = flag_rows[i].kind == FLAG_WORD ? optional_argument : takes ? required_argument : no_argument;
    long_options[i] = (struct option){flag_rows[i].option.name, how, NULL, LONG_BASE + (int)i};
    if (flag_rows[i].letter)
      strcat(letters, (char[]){flag_rows[i].letter, takes ? ':' : 0, 0});
  }
  long_options[flag_row_count] = (struct option){"help", 0, NULL, 'h'};
  opterr = 0;
  for (int found; (found = getopt_long(argc, argv, letters, long_options, NULL)) != -1;) {
    if (found == 'h') {
      options_help(current->name);
      exit(EXIT_OK);
    }
    if (found == ':')
      usage_error("%s wants a value", argv[optind - 1]);
    if (found == '?')
      unknown_option(optopt && optopt < LONG_BASE ? (char[]){'-', (char)optopt, 0} : argv[optind - 1]);
    apply(options, find_flag(found), optarg);
  }
  options->words = argv + optind;
  options->word_count = argc - optind;
}

static void read_verify(struct options *options) {
  char message[256];
  if (options->verify_names && !verify_parse(options->verify_names, &options->verify, message, sizeof message))
    usage_error("--verify: %s", message);
}

void options_read(struct options *options, int argc, char **argv) {
  *options = (struct options){.heap = "2x",
                              .output = "results",
                              .label = "run",
                              .metrics = "wall_ns",
                              .lbo_metric = "wall_ns,task_clock_ns",
                              .format = "csv"};
  options->arguments = argv;
  options->argument_count = argc;
  read_command(options, argv[1]);
  set_defaults(options);
  int end = 2;
  while (end < argc && strcmp(argv[end], "--") != 0)
    end++;
  if (end < argc) {
    options->workload_options = argv + end + 1;
    options->workload_option_count = argc - end - 1;
  }
  if (options->workload_option_count && !(options->command & (MEASURES | COMMAND_NOMINAL)))
    usage_error("`gclab %s` takes nothing after `--`", current->name);
  argv[1] = argv[0];
  read_flags(options, end - 1, argv + 1);
  read_verify(options);
  unsigned takes_words = COMMAND_LIST | COMMAND_SHOW | COMMAND_HELP | COMMAND_MUTANTS | COMMAND_SUITE | COMMAND_REPORT |
                         COMMAND_COMPARE | COMMAND_LBO | COMMAND_EXPORT | COMMAND_VERIFY | COMMAND_VECTORS;
  if (options->word_count && !(options->command & takes_words))
    usage_error("`gclab %s` cannot do anything with '%s'", current->name, options->words[0]);
}
