#include "bench/inspect_tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/text.h"

enum { WORDS_BYTES = 256, NUMBER_BYTES = 16 };

static const char *file_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* ---- lines that allocate ---- */

static void print_line(FILE *file, const struct profile_row *row) {
  char bytes[NUMBER_BYTES], live[NUMBER_BYTES] = "?", freed[NUMBER_BYTES] = "?", place[WORDS_BYTES];
  text_format_bytes(row->bytes, bytes, sizeof bytes);
  if (row->live_known) {
    text_format_bytes(row->live_bytes, live, sizeof live);
    text_format_bytes(row->bytes - row->live_bytes, freed, sizeof freed);
  }
  snprintf(place, sizeof place, "%s:%d %s", file_name(row->file), row->line, row->function);
  fprintf(file, "%6s %6s %6s %11.0f  %-10.10s %.34s\n", bytes, live, freed, row->objects, row->type, place);
}

void profile_print(FILE *file, const struct profile *profile, const struct profile_row *rows, size_t count) {
  double bytes = 0;
  for (size_t i = 0; i < count; i++)
    bytes += rows[i].bytes;
  fprintf(file, " bytes   live  freed     objects  type       line\n");
  for (size_t i = 0; i < count && i < INSPECT_ROWS_SHOWN; i++)
    print_line(file, &rows[i]);
  char text[NUMBER_BYTES];
  text_format_bytes(bytes, text, sizeof text);
  fprintf(file, "%6s from %zu line%s, %s\n", text, count, count == 1 ? "" : "s",
          profile_mode(profile) == PROFILE_EXACT ? "every allocation counted" : "estimated from samples");
}

void profile_write_csv(FILE *file, const struct profile_row *rows, size_t count) {
  fprintf(file, "type,file,line,function,bytes,objects,live_bytes,live_objects,freed_bytes,freed_objects\n");
  for (size_t i = 0; i < count; i++) { /* names are identifiers, and files of this tree: nothing to quote */
    const struct profile_row *row = &rows[i];
    fprintf(file, "%s,%s,%d,%s,%.0f,%.0f,", row->type, row->file, row->line, row->function, row->bytes, row->objects);
    if (row->live_known)
      fprintf(file, "%.0f,%.0f,%.0f,%.0f\n", row->live_bytes, row->live_objects, row->bytes - row->live_bytes,
              row->objects - row->live_objects);
    else
      fprintf(file, ",,,\n");
  }
}

/* ---- call stacks ---- */

struct folded {
  char *text;
  double bytes;
};

static int by_text(const void *a, const void *b) {
  return strcmp(((const struct folded *)a)->text, ((const struct folded *)b)->text);
}

/* Frames of a function that calls itself are one, that of the innermost call: a tree's recursion would be as many
 * stacks as it has paths. */
static struct folded fold(const struct profile_site *site, struct lines *lines) {
  struct line stack[2 * PROFILE_FRAMES_MOST];
  size_t depth = profile_stack(site, lines, stack, sizeof stack / sizeof stack[0]), text_bytes;
  struct folded folded = {.bytes = site->bytes};
  FILE *text = open_memstream(&folded.text, &text_bytes);
  if (!text)
    return folded;
  for (size_t frame = depth; frame-- > 0;)
    if (frame == 0 || strcmp(stack[frame - 1].function, stack[frame].function) != 0)
      fprintf(text, "%s (%s:%d);", stack[frame].function, stack[frame].file, stack[frame].number);
  fprintf(text, "%s", gc_types[site->type].name);
  if (fclose(text) != 0) {
    free(folded.text);
    folded.text = NULL;
  }
  return folded;
}

bool profile_write_folded(FILE *file, const struct profile *profile, struct lines *lines) {
  size_t count = 0, site_count = profile_site_count(profile);
  struct folded *stacks = calloc(site_count + 1, sizeof *stacks);
  bool whole = stacks != NULL;
  for (; whole && count < site_count; count += whole) {
    stacks[count] = fold(profile_site(profile, count), lines);
    whole = stacks[count].text != NULL;
  }
  if (whole)
    qsort(stacks, count, sizeof *stacks, by_text);
  for (size_t i = 0; i < count; i++) {
    bool last = i + 1 == count || by_text(&stacks[i], &stacks[i + 1]) != 0;
    if (whole && last)
      fprintf(file, "%s %.0f\n", stacks[i].text, stacks[i].bytes);
    else if (whole)
      stacks[i + 1].bytes += stacks[i].bytes;
    free(stacks[i].text);
  }
  free(stacks);
  return whole;
}

/* ---- what is alive ---- */

static void print_change(FILE *file, int64_t bytes, int64_t objects) {
  char text[NUMBER_BYTES];
  text_format_bytes(fabs((double)bytes), text, sizeof text);
  fprintf(file, " %s%*s %+11lld", bytes < 0 ? "-" : "+", 6, text, (long long)objects);
}

void alive_print(FILE *file, const struct alive_row *rows, size_t count, bool changes) {
  bool sites = count && rows[0].site;
  fprintf(file, " alive     objects%s  type%s\n", changes ? "  change     objects" : "", sites ? "       line" : "");
  for (size_t i = 0; i < count && i < INSPECT_ROWS_SHOWN; i++) {
    char bytes[NUMBER_BYTES];
    text_format_bytes((double)rows[i].bytes, bytes, sizeof bytes);
    fprintf(file, "%6s %11lld", bytes, (long long)rows[i].objects);
    if (changes)
      print_change(file, rows[i].bytes_change, rows[i].objects_change);
    if (sites)
      fprintf(file, "  %-10.10s %.*s\n", rows[i].type, changes ? 27 : 49, file_name(rows[i].site));
    else
      fprintf(file, "  %.38s\n", rows[i].type);
  }
  if (count > INSPECT_ROWS_SHOWN)
    fprintf(file, "and %zu more\n", count - INSPECT_ROWS_SHOWN);
}

void alive_write_csv(FILE *file, const struct alive_row *rows, size_t count, bool changes) {
  bool sites = count && rows[0].site;
  fprintf(file, "type,%sbytes,objects%s\n", sites ? "site," : "", changes ? ",bytes_change,objects_change" : "");
  for (size_t i = 0; i < count; i++) {
    fprintf(file, "%s,", rows[i].type);
    if (sites)
      fprintf(file, "%s,", rows[i].site);
    fprintf(file, "%lld,%lld", (long long)rows[i].bytes, (long long)rows[i].objects);
    if (changes)
      fprintf(file, ",%lld,%lld", (long long)rows[i].bytes_change, (long long)rows[i].objects_change);
    fprintf(file, "\n");
  }
}

/* ---- leaks ---- */

void leaks_print(FILE *file, const struct gc_leak *leaks, uint64_t count) {
  if (count == GC_UNKNOWN)
    fprintf(file, "no memory to look for leaks\n");
  else if (count == 0)
    fprintf(file, "nothing grew from the first iteration to the last\n");
  for (uint64_t i = 0; count != GC_UNKNOWN && i < count; i++) {
    char bytes[NUMBER_BYTES], words[WORDS_BYTES];
    text_format_bytes((double)leaks[i].bytes, bytes, sizeof bytes);
    snprintf(words, sizeof words, "grew by %s in %lld objects of type %s", bytes, (long long)leaks[i].objects,
             leaks[i].type);
    text_wrap(file, words, 0, 0);
    fprintf(file, "  made at ");
    text_wrap(file, leaks[i].site, 10, 10);
    fprintf(file, "  held by ");
    text_wrap(file, leaks[i].path, 10, 10);
  }
}
