/* option.h -- tables of named options, for collectors (`-c satb,alloc=white`) and workloads (`-- depth=18`). */
#ifndef GC_BASE_OPTION_H
#define GC_BASE_OPTION_H

#include "runtime/base/compiler.h"

enum gc_option_kind {
  GC_OPTION_INT,    /* whole number in [min, max] */
  GC_OPTION_REAL,   /* number in [min, max] */
  GC_OPTION_BYTES,  /* whole number with K, M or G (powers of 1024) in [min, max] */
  GC_OPTION_CHOICE, /* one word of `choices`; the value is its index */
};

struct gc_option {
  const char *name;
  enum gc_option_kind kind;
  double min, max;            /* inclusive; choices ignore them */
  const char *const *choices; /* ended by NULL */
  const char *fallback;       /* the default, as the user would write it */
  const char *help;           /* one line, no full stop */
};

struct gc_value {
  int64_t integer; /* INT, BYTES, CHOICE */
  double real;     /* REAL; and the other kinds, converted */
};

/* Number of options in a table that ends with a NULL name; 0 for NULL. */
size_t option_count(const struct gc_option *table);

/* Fills `values` (option_count(table) of them) with the defaults. */
void option_defaults(const struct gc_option *table, struct gc_value *values);

/* Sets one option from `name=value` text of `length` bytes.
 * Returns true, or false with one sentence in `message` that says what is allowed, suggesting the nearest name. */
bool option_set(const struct gc_option *table, struct gc_value *values, const char *text, size_t length,
                char *message, size_t message_bytes);

/* Writes a value as the user would type it. */
void option_format(const struct gc_option *option, struct gc_value value, char *text, size_t text_bytes);

/* Writes what an option may be: "a whole number from 1 to 15", "fixed or appel". */
void option_format_allowed(const struct gc_option *option, char *text, size_t text_bytes);

/* Parses `64M`, `4096`, `1.5G`.  Returns false if it is not a size. */
bool option_parse_bytes(const char *text, double *bytes);

/* The entry of `names` (count of them) nearest to `word` by edit distance, or NULL if none is near. */
const char *option_nearest(const char *word, const char *const *names, size_t count);

#endif
