#include "bench/minheap_cache.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/options.h"
#include "bench/results.h"

struct minheap_file {
  struct minheap_entry *heaps;
  unsigned heaps_count;
};

#define TEXT(member) \
  CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER, struct minheap_entry, member, 0, CYAML_UNLIMITED)
#define NUMBER(member) CYAML_FIELD_UINT(#member, CYAML_FLAG_DEFAULT, struct minheap_entry, member)
static const cyaml_schema_field_t entry_fields[] = {TEXT(workload),        TEXT(params),          NUMBER(threads),
                                                    NUMBER(pointer_bytes), NUMBER(minheap_bytes), TEXT(collector),
                                                    TEXT(measured_utc),    TEXT(build),           CYAML_FIELD_END};
static const cyaml_schema_value_t entry_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct minheap_entry, entry_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("heaps", CYAML_FLAG_POINTER, struct minheap_file, heaps, &entry_schema, 0, CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct minheap_file, file_fields)};

static const cyaml_config_t config = {.log_fn = NULL, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};

static void file_path(const char *folder, const char *suffix, char path[512]) {
  snprintf(path, 512, "%.480s/minheap.yaml%s", folder, suffix);
}

/* Never NULL; empty if there is no file yet. */
static struct minheap_file *load(const char *folder) {
  char path[512];
  struct minheap_file *file = NULL;
  file_path(folder, "", path);
  if (access(path, F_OK) != 0) {
    file = cyaml_mem(NULL, NULL, sizeof *file);
    if (!file)
      environment_error("no memory to read '%s'", path);
    *file = (struct minheap_file){0};
    return file;
  }
  cyaml_err_t error = cyaml_load_file(path, &config, &file_schema, (cyaml_data_t **)&file, NULL);
  if (error != CYAML_OK || !file)
    environment_error("'%s' cannot be read (%s); it holds measured heaps only, so it may be deleted", path,
                      cyaml_strerror(error));
  return file;
}

static struct minheap_entry *find(struct minheap_file *file, const struct minheap_entry *key) {
  for (unsigned i = 0; i < file->heaps_count; i++) {
    struct minheap_entry *entry = &file->heaps[i];
    if (strcmp(entry->workload, key->workload) == 0 && strcmp(entry->params, key->params) == 0 &&
        entry->threads == key->threads && entry->pointer_bytes == key->pointer_bytes)
      return entry;
  }
  return NULL;
}

const struct minheap_entry *minheap_cache_find(const char *folder, const struct minheap_entry *key) {
  return find(load(folder), key);
}

void minheap_cache_store(const char *folder, const struct minheap_entry *entry) {
  char path[512], beside[512];
  file_path(folder, "", path);
  file_path(folder, ".new", beside);
  struct minheap_file *file = load(folder), changed;
  struct minheap_entry *old = find(file, entry);
  struct minheap_entry *heaps = malloc((file->heaps_count + 1) * sizeof *heaps);
  if (!heaps)
    environment_error("no memory to write '%s'", path);
  if (file->heaps_count)
    memcpy(heaps, file->heaps, file->heaps_count * sizeof *heaps);
  heaps[old ? (size_t)(old - file->heaps) : file->heaps_count] = *entry;
  changed = (struct minheap_file){heaps, file->heaps_count + !old};
  if (!results_make_folder(folder))
    environment_error("the folder '%s' cannot be made: %s", folder, strerror(errno));
  cyaml_err_t error = cyaml_save_file(beside, &config, &file_schema, &changed, 0);
  free(heaps);
  cyaml_free(&config, &file_schema, file, 0);
  if (error != CYAML_OK || rename(beside, path) != 0)
    environment_error("'%s' cannot be written: %s", path, error != CYAML_OK ? cyaml_strerror(error) : strerror(errno));
}
