/* text.h -- text for people: lines of at most 80 columns, and sizes in three digits. */
#ifndef GC_BENCH_TEXT_H
#define GC_BENCH_TEXT_H

#include <stddef.h>
#include <stdio.h>

enum { TEXT_COLUMNS = 80 };

/* Prints `text` and a new line, broken at blanks; its first line begins in column `used`, the others after `indent`. */
void text_wrap(FILE *file, const char *text, int used, int indent);

/* 67108864 as "64.0M". */
void text_format_bytes(double bytes, char *text, size_t text_bytes);

/* How many columns UTF-8 text takes, if each of its characters takes one. */
int text_columns(const char *text);

#endif
