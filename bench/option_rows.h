/* option_rows.h -- the tables of commands and options, which options.c reads by and options_help.c prints.
 *
 * Constant.  What is not for people has no summary, and no help. */
#ifndef GC_BENCH_OPTION_ROWS_H
#define GC_BENCH_OPTION_ROWS_H

#include "bench/options.h"

struct command_row {
  const char *name, *arguments, *summary, *details;
  enum command command;
};
extern const struct command_row command_rows[]; /* the last one is COMMAND_INVOKE */
extern const size_t command_row_count;

enum flag_kind {
  FLAG_SWITCH,
  FLAG_TEXT,
  FLAG_WORD, /* text that may be left out, --name or --name=text: it is the fallback then */
  FLAG_LIST,
  FLAG_NUMBER,
};

/* `target` and `given` are offsets in struct options; option.fallback is NULL if there is no fixed default. */
struct flag {
  enum flag_kind kind;
  char letter;
  const char *argument;
  unsigned commands;
  size_t target, given;
  struct gc_option option;
};
extern const struct flag flag_rows[]; /* one name may stand in several rows, for different commands */
extern const size_t flag_row_count;
enum { FLAGS_MAX = 128 }; /* no more than this */

/* Sets of commands that share many options. */
enum {
  RUNS = COMMAND_RUN | COMMAND_EXPLORE | COMMAND_TRACE | COMMAND_INVOKE,
  MEASURES = RUNS | COMMAND_MINHEAP,
};

#endif
