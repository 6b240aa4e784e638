#include "runtime/base/option.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/check.h"

size_t option_count(const struct gc_option *table) {
  size_t count = 0;
  while (table && table[count].name)
    count++;
  return count;
}

/* ---- reading ---- */

bool option_parse_bytes(const char *text, double *bytes) {
  static const char units[] = "KMGT";
  char *end;
  if (*text < '0' || *text > '9') /* strtod would also take "inf", "nan", blanks and signs */
    return false;
  double number = strtod(text, &end);
  for (unsigned i = 0; *end && i < sizeof units - 1; i++)
    if (*end == units[i] || *end == (units[i] | 0x20)) {
      number *= (double)(UINT64_C(1) << 10 * (i + 1));
      end++;
      break;
    }
  *bytes = number;
  return *end == 0 && isfinite(number);
}

static bool parse_integer(const char *text, int64_t *integer) {
  char *end;
  errno = 0;
  *integer = strtoll(text, &end, 10);
  return errno == 0 && end != text && *end == 0 && *text > ' ' && *text != '+';
}

static bool parse_real(const char *text, double *real) {
  char *end;
  *real = strtod(text, &end);
  return end != text && *end == 0 && *text > ' ' && *text != '+' && isfinite(*real);
}

static bool parse_choice(const struct gc_option *option, const char *text, int64_t *index) {
  for (*index = 0; option->choices[*index]; ++*index)
    if (strcmp(option->choices[*index], text) == 0)
      return true;
  return false;
}

/* True if `text` is a value of the option's kind within its limits. */
static bool parse_value(const struct gc_option *option, const char *text, struct gc_value *value) {
  switch (option->kind) {
  case GC_OPTION_CHOICE:
    if (!parse_choice(option, text, &value->integer))
      return false;
    value->real = (double)value->integer;
    return true;
  case GC_OPTION_INT:
    if (!parse_integer(text, &value->integer))
      return false;
    value->real = (double)value->integer;
    break;
  case GC_OPTION_BYTES:
    if (!option_parse_bytes(text, &value->real) || value->real >= 0x1p63)
      return false;
    value->integer = (int64_t)value->real;
    if (value->real != (double)value->integer)
      return false;
    break;
  case GC_OPTION_REAL:
    if (!parse_real(text, &value->real))
      return false;
    value->integer = fabs(value->real) < 0x1p63 ? (int64_t)value->real : 0;
    break;
  }
  return value->real >= option->min && value->real <= option->max;
}

void option_defaults(const struct gc_option *table, struct gc_value *values) {
  for (size_t i = 0; table && table[i].name; i++)
    GC_CHECK(0, parse_value(&table[i], table[i].fallback, &values[i]), "the default of %s, '%s'", table[i].name,
             table[i].fallback);
}

/* ---- writing ---- */

/* 1073741824 as 1G: the largest unit that leaves a whole number. */
static void format_bytes(uint64_t bytes, char *text, size_t text_bytes) {
  static const char *const units[] = {"", "K", "M", "G", "T"};
  unsigned unit = 0;
  while (bytes && bytes % 1024 == 0 && unit < 4) {
    bytes /= 1024;
    unit++;
  }
  snprintf(text, text_bytes, "%llu%s", (unsigned long long)bytes, units[unit]);
}

void option_format(const struct gc_option *option, struct gc_value value, char *text, size_t text_bytes) {
  switch (option->kind) {
  case GC_OPTION_INT: snprintf(text, text_bytes, "%lld", (long long)value.integer); break;
  case GC_OPTION_BYTES: format_bytes((uint64_t)value.integer, text, text_bytes); break;
  case GC_OPTION_CHOICE: snprintf(text, text_bytes, "%s", option->choices[value.integer]); break;
  case GC_OPTION_REAL:
    snprintf(text, text_bytes, "%.15g", value.real);
    if (strtod(text, NULL) != value.real) /* 15 digits look better, 17 are always exact */
      snprintf(text, text_bytes, "%.17g", value.real);
    break;
  }
}

/* One limit, short: 15, 0.1, 1e12, 64K, 93.1G. */
static void format_limit(const struct gc_option *option, double limit, char *text, size_t text_bytes) {
  static const char units[] = "KMGT";
  if (option->kind != GC_OPTION_BYTES) {
    snprintf(text, text_bytes, fabs(limit) < 1e7 && limit == floor(limit) ? "%.0f" : "%g", limit);
    char *exponent = strstr(text, "e+");
    if (exponent) { /* 1e+09 */
      exponent++;
      memmove(exponent, exponent + strspn(exponent, "+0"), strlen(exponent + strspn(exponent, "+0")) + 1);
    }
    return;
  }
  int unit = -1;
  for (; limit >= 1024 && unit < 3; unit++)
    limit /= 1024;
  snprintf(text, text_bytes, "%.4g%.1s", limit, unit < 0 ? "" : &units[unit]);
}

void option_format_allowed(const struct gc_option *option, char *text, size_t text_bytes) {
  static const char *const nouns[] = {"a whole number", "a number", "a size (such as 64K, M or G)"};
  if (option->kind == GC_OPTION_CHOICE) {
    const char *separator = "";
    for (size_t i = 0, used = 0; option->choices[i] && used < text_bytes; i++) {
      used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", separator, option->choices[i]);
      separator = option->choices[i + 1] && option->choices[i + 2] ? ", " : " or ";
    }
    return;
  }
  char least[32], most[32];
  format_limit(option, option->min, least, sizeof least);
  format_limit(option, option->max, most, sizeof most);
  snprintf(text, text_bytes, "%s from %s to %s", nouns[option->kind], least, most);
}

/* ---- setting ---- */

static void name_problem(const struct gc_option *table, const char *name, char *message, size_t message_bytes) {
  size_t count = option_count(table);
  if (count == 0) {
    snprintf(message, message_bytes, "there is no option '%s': it takes none", name);
    return;
  }
  const char *names[count];
  for (size_t i = 0; i < count; i++)
    names[i] = table[i].name;
  const char *nearest = option_nearest(name, names, count);
  if (nearest) {
    snprintf(message, message_bytes, "there is no option '%s'; did you mean '%s'?", name, nearest);
    return;
  }
  size_t used = (size_t)snprintf(message, message_bytes, "there is no option '%s'; there are", name);
  for (size_t i = 0; i < count && used < message_bytes; i++)
    used += (size_t)snprintf(message + used, message_bytes - used, "%s %s", i ? "," : "", names[i]);
}

bool option_set(const struct gc_option *table, struct gc_value *values, const char *text, size_t length, char *message,
                size_t message_bytes) {
  char word[length + 1];
  memcpy(word, text, length);
  word[length] = 0;
  char *equals = strchr(word, '=');
  if (!equals || equals == word) {
    snprintf(message, message_bytes, "'%s' is not an option: write name=value", word);
    return false;
  }
  *equals = 0;
  for (size_t i = 0; table && table[i].name; i++) {
    if (strcmp(table[i].name, word) != 0)
      continue;
    struct gc_value value;
    if (parse_value(&table[i], equals + 1, &value)) {
      values[i] = value;
      return true;
    }
    char allowed[256];
    option_format_allowed(&table[i], allowed, sizeof allowed);
    snprintf(message, message_bytes, "%s cannot be '%s': it is %s", word, equals + 1, allowed);
    return false;
  }
  name_problem(table, word, message, message_bytes);
  return false;
}

/* ---- the nearest name ---- */

enum { WORD_MAX = 64 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Levenshtein's distance, one row at a time, a swap of two neighbours counting as one change. */
static size_t edit_distance(const char *a, const char *b) {
  size_t a_length = strlen(a), b_length = strlen(b);
  if (a_length > WORD_MAX || b_length > WORD_MAX)
    return SIZE_MAX;
  size_t rows[3][WORD_MAX + 1];
  for (size_t j = 0; j <= b_length; j++)
    rows[0][j] = j;
  for (size_t i = 1; i <= a_length; i++) {
    size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
      row[j] = least(least(row[j - 1], above[j]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = least(row[j], above2[j - 2] + 1);
    }
  }
  return rows[a_length % 3][b_length];
}

const char *option_nearest(const char *word, const char *const *names, size_t count) {
  const char *nearest = NULL;
  size_t best = SIZE_MAX;
  for (size_t i = 0; i < count; i++) {
    size_t distance = edit_distance(word, names[i]);
    if (distance < best) {
      best = distance;
      nearest = names[i];
    }
  }
  /* near: fewer than half of the letters are wrong; or the word is the beginning of one name */
  if (nearest && best * 2 <= strlen(nearest) && best * 2 <= strlen(word) + 1)
    return nearest;
  for (size_t i = 0; *word && i < count; i++)
    if (strncmp(word, names[i], strlen(word)) == 0)
      return names[i];
  return NULL;
}
