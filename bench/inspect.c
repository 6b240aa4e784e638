#include "bench/inspect.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bench/inspect_tables.h"
#include "runtime/tools/snapshot.h"

enum { ROWS_MOST = 4096, LEAKS_INTERVAL_BYTES = 16 * 1024 };

/* ---- files ---- */

static FILE *create(const struct inspection *inspection, const char *name) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", inspection->folder, name);
  FILE *file = fopen(path, "w");
  if (!file)
    fprintf(stderr, "gclab: cannot write %s: %m\n", path);
  return file;
}

static void finish(FILE *file, const char *name) {
  bool whole = !ferror(file);
  if (fclose(file) != 0 || !whole)
    fprintf(stderr, "gclab: %s is not complete: %m\n", name);
}

/* ---- the profile ---- */

static void write_profile(const struct inspection *inspection, const struct gc_snapshot *now) {
  size_t count;
  struct lines *lines = lines_open();
  struct profile_row *rows = profile_rows(inspection->profile, lines, &now->census, &count);
  FILE *text = rows ? create(inspection, "profile.txt") : NULL;
  FILE *csv = rows ? create(inspection, "profile.csv") : NULL;
  FILE *folded = rows ? create(inspection, "profile.folded") : NULL;
  if (text) {
    profile_print(text, inspection->profile, rows, count);
    finish(text, "profile.txt");
  }
  if (csv) {
    profile_write_csv(csv, rows, count);
    finish(csv, "profile.csv");
  }
  if (folded) {
    if (!profile_write_folded(folded, inspection->profile, lines))
      fprintf(stderr, "gclab: no memory to write call stacks; profile.folded is empty\n");
    finish(folded, "profile.folded");
  }
  free(rows);
  lines_close(lines);
}

/* ---- the snapshot ---- */

/* What is alive, and what changed: the first from `now` alone, the second from both. */
struct alive {
  struct alive_row rows[2 * ROWS_MOST];
  size_t count;
  struct gc_site_count now[ROWS_MOST], changed[ROWS_MOST];
};

/* The row of a type and a site, perhaps a new one. */
static struct alive_row *alive_row(struct alive *alive, const char *type, const char *site) {
  for (size_t i = 0; i < alive->count; i++)
    if (strcmp(alive->rows[i].type, type) == 0 && (!site || strcmp(alive->rows[i].site, site) == 0))
      return &alive->rows[i];
  alive->rows[alive->count] = (struct alive_row){.type = type, .site = site};
  return &alive->rows[alive->count++];
}

static void join(struct alive *alive, size_t now_count, size_t changed_count, bool sites) {
  alive->count = 0;
  for (size_t i = 0; i < now_count; i++) {
    struct alive_row *row = alive_row(alive, alive->now[i].type, sites ? alive->now[i].site : NULL);
    row->objects = alive->now[i].objects;
    row->bytes = alive->now[i].bytes;
  }
  for (size_t i = 0; i < changed_count; i++) {
    struct alive_row *row = alive_row(alive, alive->changed[i].type, sites ? alive->changed[i].site : NULL);
    row->objects_change = alive->changed[i].objects;
    row->bytes_change = alive->changed[i].bytes;
  }
}

static size_t told(uint64_t count) { return count == GC_UNKNOWN ? 0 : count < ROWS_MOST ? count : ROWS_MOST; }

/* At most ROWS_MOST types. */
static size_t diff_types(const struct gc_snapshot *early, const struct gc_snapshot *now, struct gc_site_count *rows) {
  static struct gc_type_count types[ROWS_MOST];
  size_t count = told(gc_snapshot_diff(early, now, types, ROWS_MOST));
  for (size_t i = 0; i < count; i++)
    rows[i] = (struct gc_site_count){.type = types[i].type, .objects = types[i].objects, .bytes = types[i].bytes};
  return count;
}

static void write_alive(const struct inspection *inspection, const struct alive *alive, FILE *text, const char *name) {
  FILE *csv = create(inspection, name);
  bool changes = inspection->early != NULL;
  if (text)
    alive_print(text, alive->rows, alive->count, changes);
  if (csv) {
    alive_write_csv(csv, alive->rows, alive->count, changes);
    finish(csv, name);
  }
}

static void write_snapshot(const struct inspection *inspection, const struct gc_snapshot *now) {
  struct alive *alive = malloc(sizeof *alive);
  FILE *text = create(inspection, "snapshot.txt");
  const struct gc_snapshot *early = inspection->early;
  if (alive) {
    size_t count = diff_types(NULL, now, alive->now);
    join(alive, count, early ? diff_types(early, now, alive->changed) : 0, false);
    write_alive(inspection, alive, text, "snapshot.csv");
  }
  if (alive && inspection->options->profile) {
    size_t count = told(gc_snapshot_diff_sites(NULL, now, alive->now, ROWS_MOST));
    join(alive, count, early ? told(gc_snapshot_diff_sites(early, now, alive->changed, ROWS_MOST)) : 0, true);
    if (text)
      fprintf(text, "\n");
    write_alive(inspection, alive, text, "snapshot_lines.csv");
  }
  if (text)
    finish(text, "snapshot.txt");
  free(alive);
}

/* ---- leaks ---- */

static void write_leaks(const struct inspection *inspection, struct gc_mutator *m) {
  struct gc_leak leaks[INSPECT_ROWS_SHOWN];
  uint64_t count = GC_UNKNOWN;
  if (inspection->early_settled)
    count = gc_leaks(m, inspection->early_settled, leaks, INSPECT_ROWS_SHOWN);
  FILE *file = create(inspection, "leaks.txt");
  if (!file)
    return;
  leaks_print(file, leaks, count < INSPECT_ROWS_SHOWN || count == GC_UNKNOWN ? count : INSPECT_ROWS_SHOWN);
  gc_close_unheld(m, file);
  finish(file, "leaks.txt");
}

/* ---- the invocation ---- */

bool inspect_begin(struct inspection *inspection, const struct options *options, bool checked) {
  *inspection = (struct inspection){.options = options};
  if (!inspect_wanted(options) || !options->artifacts)
    return true;
  inspection->folder = options->artifacts;
  if (!options->profile && !options->leaks)
    return true;
  bool exact = options->profile ? strcmp(options->profile, "exact") == 0 : checked;
  inspection->profile =
      profile_create(exact ? PROFILE_EXACT : PROFILE_SAMPLED,
                     options->profile ? PROFILE_INTERVAL_BYTES : LEAKS_INTERVAL_BYTES, (uint64_t)options->seed.integer);
  return inspection->profile != NULL;
}

const struct alloc_watch *inspect_watch(const struct inspection *inspection) {
  return inspection->profile ? profile_watch(inspection->profile) : NULL;
}

static void look_at_living(const struct inspection *inspection, struct gc_mutator *m) {
  struct gc_snapshot *now = gc_snapshot_take(m);
  if (!now) {
    fprintf(stderr, "gclab: no memory to look at the heap\n");
    return;
  }
  if (inspection->options->profile)
    write_profile(inspection, now);
  if (inspection->options->snapshot)
    write_snapshot(inspection, now);
  gc_snapshot_free(now);
}

void inspect_iteration(struct inspection *inspection, struct gc_mutator *m, unsigned index) {
  const struct options *options = inspection->options;
  if (!inspection->folder)
    return;
  bool last = index + 1 == (unsigned)options->iterations.integer;
  if (last && (options->profile || options->snapshot))
    look_at_living(inspection, m);
  else if (index == 0 && options->snapshot)
    inspection->early = gc_snapshot_take(m);
  if (last && options->leaks)
    write_leaks(inspection, m);
  else if (index == 0 && options->leaks)
    inspection->early_settled = gc_leaks_begin(m);
}

void inspect_end(struct inspection *inspection) {
  gc_snapshot_free(inspection->early);
  gc_snapshot_free(inspection->early_settled);
  profile_destroy(inspection->profile);
}

/* ---- the parent ---- */

bool inspect_wanted(const struct options *options) { return options->profile || options->leaks || options->snapshot; }

void inspect_require(const struct options *options, const struct collector_choice *collector) {
  bool exact = options->profile && strcmp(options->profile, "exact") == 0;
  if (options->profile && !exact && strcmp(options->profile, "sampled") != 0)
    usage_error("--profile=%s: write sampled or exact", options->profile);
  if (inspect_wanted(options) && collector->collector->attrs.foreign)
    usage_error("--profile, --leaks and --snapshot cannot look into %s: its objects lie outside the heap",
                collector->text);
  if (exact && !collector->checked)
    usage_error("--profile=exact needs the hooks of a checked form: -c checked,of=%s", collector->text);
  if (options->leaks && options->iterations.integer < 2)
    usage_error("--leaks compares the first iteration with the last: -i 2, or more");
}

void inspect_print(const char *folder, FILE *to) {
  static const char *const names[] = {"profile.txt", "snapshot.txt", "leaks.txt"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char path[PATH_MAX], line[256];
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    FILE *file = fopen(path, "r");
    if (!file)
      continue; /* not wanted, or the invocation did not live to write it: its outcome says so */
    while (fgets(line, sizeof line, file))
      fputs(line, to);
    putc('\n', to);
    fclose(file);
  }
}
