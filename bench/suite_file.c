#include "bench/suite_file.h"

#include <cyaml/cyaml.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "bench/options.h"
#include "bench/text.h"

enum { PATH_BYTES = 512, SUITES_MAX = 64 };

/* ---- the schema ---- */

#define OPTIONAL CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL
#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, OPTIONAL, type, member, 0, CYAML_UNLIMITED)
#define COUNT(key, type, member) CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, type, member)
#define COUNT_OR_NONE(key, type, member) CYAML_FIELD_UINT_PTR(key, OPTIONAL, type, member)
#define SECONDS(key, type, member) CYAML_FIELD_FLOAT(key, CYAML_FLAG_OPTIONAL, type, member)
#define LIST(key, type, member, schema) CYAML_FIELD_SEQUENCE(key, OPTIONAL, type, member, schema, 0, CYAML_UNLIMITED)
#define CASE_FIELDS(type, in)                                                                                 \
  LIST("collectors", type, in collectors, &text_schema), LIST("workloads", type, in workloads, &text_schema), \
      LIST("heaps", type, in heaps, &text_schema), LIST("threads", type, in threads, &count_schema)

static const cyaml_schema_value_t text_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};
static const cyaml_schema_value_t count_schema = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, unsigned)};
static const cyaml_schema_field_t case_fields[] = {CASE_FIELDS(struct suite_case, ), CYAML_FIELD_END};
static const cyaml_schema_value_t case_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct suite_case, case_fields)};
static const cyaml_schema_field_t layout_fields[] = {
    COUNT_OR_NONE("env_padding_bytes", struct suite_layout, env_padding_bytes), TEXT("aslr", struct suite_layout, aslr),
    CYAML_FIELD_END};
static const cyaml_schema_field_t file_fields[] = {
    TEXT("label", struct suite_file, label),
    CASE_FIELDS(struct suite_file, common.),
    LIST("cases", struct suite_file, cases, &case_schema),
    COUNT("invocations", struct suite_file, invocations),
    COUNT("iterations", struct suite_file, iterations),
    COUNT_OR_NONE("warmup", struct suite_file, warmup),
    COUNT("gc_threads", struct suite_file, gc_threads),
    COUNT_OR_NONE("seed", struct suite_file, seed),
    SECONDS("timeout_s", struct suite_file, timeout_s),
    SECONDS("stalled_s", struct suite_file, stalled_s),
    TEXT("placement", struct suite_file, placement),
    CYAML_FIELD_BOOL_PTR("pin", OPTIONAL, struct suite_file, pin),
    CYAML_FIELD_MAPPING("layout", CYAML_FLAG_OPTIONAL, struct suite_file, layout, layout_fields),
    LIST("binaries", struct suite_file, binaries, &text_schema),
    CYAML_FIELD_END};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct suite_file, file_fields)};

/* ---- what is wrong, and where ---- */

/* The line of the first scalar that is `text`; 0 if there is none. */
static unsigned find_line(const char *path, const char *text) {
  yaml_parser_t parser;
  unsigned line = 0;
  FILE *file = fopen(path, "r");
  if (!file || !yaml_parser_initialize(&parser)) {
    if (file)
      fclose(file);
    return 0;
  }
  yaml_parser_set_input_file(&parser, file);
  for (bool more = true; more && !line;) {
    yaml_token_t token;
    if (!yaml_parser_scan(&parser, &token))
      break;
    more = token.type != YAML_STREAM_END_TOKEN;
    if (token.type == YAML_SCALAR_TOKEN && strcmp((const char *)token.data.scalar.value, text) == 0)
      line = (unsigned)token.start_mark.line + 1;
    yaml_token_delete(&token);
  }
  yaml_parser_delete(&parser);
  fclose(file);
  return line;
}

void suite_file_error(const struct suite_file *file, const char *value, const char *format, ...) {
  char message[1024], where[32] = "";
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  unsigned line = value ? find_line(file->path, value) : 0;
  if (line)
    snprintf(where, sizeof where, ", line %u", line);
  usage_error("'%s'%s: %s", file->path, where, message);
}

/* What libcyaml tells while it fails: a sentence, then where, from the inside out. */
struct complaint {
  char sentence[256], key[64];
  unsigned line;
};

static void hear(cyaml_log_t level, void *context, const char *format, va_list arguments) GC_PRINTF(3, 0);
static void hear(cyaml_log_t level, void *context, const char *format, va_list arguments) {
  struct complaint *c = context;
  char text[256], key[64];
  unsigned line;
  (void)level;
  vsnprintf(text, sizeof text, format, arguments);
  text[strcspn(text, "\n")] = 0;
  const char *place = strstr(text, "(line: ");
  if (!*c->sentence && strncmp(text, "Load: ", 6) == 0)
    snprintf(c->sentence, sizeof c->sentence, "%s", text + 6);
  if (place && !c->line && sscanf(place, "(line: %u", &line) == 1)
    c->line = line;
  if (!*c->key && sscanf(text, "  in mapping field '%63[^']'", key) == 1)
    strcpy(c->key, key);
}

static const char *nearest_key(const char *key) {
  const char *names[64];
  size_t count = 0;
  for (const cyaml_schema_field_t *f = file_fields; f->key; f++)
    names[count++] = f->key;
  for (const cyaml_schema_field_t *f = layout_fields; f->key; f++)
    names[count++] = f->key;
  return option_nearest(key, names, count);
}

static _Noreturn void refuse(const char *path, const struct complaint *c) {
  static const char unknown[] = "Unexpected key: ";
  const struct suite_file file = {.path = (char *)path};
  if (strncmp(c->sentence, unknown, sizeof unknown - 1) == 0) {
    const char *key = c->sentence + sizeof unknown - 1, *nearest = nearest_key(key);
    suite_file_error(&file, key, "there is no key '%s'%s%s%s", key, nearest ? "; did you mean '" : "",
                     nearest ? nearest : "", nearest ? "'?" : " here");
  }
  char where[128] = "";
  size_t used = 0;
  if (c->line)
    used += (size_t)snprintf(where, sizeof where, ", line %u", c->line);
  if (*c->key)
    snprintf(where + used, sizeof where - used, ", key '%s'", c->key);
  if (strstr(c->sentence, "Expecting SEQUENCE"))
    usage_error("'%s'%s: a list is wanted, such as [a, b]", path, where);
  if (strstr(c->sentence, "Expecting MAPPING"))
    usage_error("'%s'%s: keys and values are wanted, such as `iterations: 3`", path, where);
  const char *value = strstr(c->sentence, "int64_t value: ");
  if (value)
    usage_error("'%s'%s: a whole number is wanted, not %s", path, where, strchr(value, ':') + 2);
  usage_error("'%s'%s: %s", path, where, *c->sentence ? c->sentence : "it is no suite");
}

/* ---- the suites that come with gclab ---- */

const char *suite_file_folder(void) {
  static char path[PATH_BYTES];
  char own[PATH_BYTES - 32];
  ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
  if (length < 0)
    return NULL;
  own[length] = 0;
  for (char *slash; (slash = strrchr(own, '/'));) { /* upwards from build/, or build/check/ */
    *slash = 0;
    snprintf(path, sizeof path, "%s/bench/suites", own);
    if (access(path, R_OK | X_OK) == 0)
      return path;
  }
  return NULL;
}

/* The names without `.yaml`, sorted; each is the caller's to free. */
static size_t list_names(char *names[SUITES_MAX]) {
  const char *path = suite_file_folder();
  struct dirent **entries;
  size_t count = 0;
  int found = path ? scandir(path, &entries, NULL, alphasort) : -1;
  for (int i = 0; i < found; i++) {
    char *dot = strrchr(entries[i]->d_name, '.');
    if (dot && dot != entries[i]->d_name && strcmp(dot, ".yaml") == 0 && count < SUITES_MAX)
      names[count++] = strndup(entries[i]->d_name, (size_t)(dot - entries[i]->d_name));
    free(entries[i]);
  }
  if (found >= 0)
    free(entries);
  return count;
}

void suite_file_list(void) {
  char *names[SUITES_MAX];
  size_t count = list_names(names);
  for (size_t i = 0; i < count; i++) {
    char path[2 * PATH_BYTES], line[256] = "";
    snprintf(path, sizeof path, "%s/%s.yaml", suite_file_folder(), names[i]);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file))
      *line = 0;
    if (file)
      fclose(file);
    line[strcspn(line, "\n")] = 0;
    const char *text = strstr(line, "-- ");
    printf("  %-13s ", names[i]);
    text_wrap(stdout, text ? text + 3 : line, 16, 16);
    free(names[i]);
  }
}

/* The path that `name` stands for. */
static void find_path(const char *name, char path[PATH_BYTES]) {
  const char *folder = suite_file_folder();
  if ((size_t)snprintf(path, PATH_BYTES, "%s", name) >= PATH_BYTES)
    usage_error("the name of a suite is shorter than %d letters", PATH_BYTES);
  if (access(path, F_OK) == 0)
    return;
  if (folder && !strchr(name, '/')) {
    size_t used = (size_t)snprintf(path, PATH_BYTES, "%s/%s", folder, name);
    if (!strstr(name, ".yaml") && used < PATH_BYTES)
      snprintf(path + used, PATH_BYTES - used, ".yaml");
    if (access(path, F_OK) == 0)
      return;
  }
  char *names[SUITES_MAX], word[PATH_BYTES];
  const char *last = strrchr(name, '/');
  snprintf(word, sizeof word, "%s", last ? last + 1 : name);
  word[strcspn(word, ".")] = 0;
  const char *nearest = option_nearest(word, (const char *const *)names, list_names(names));
  usage_error("there is no suite '%s'%s%s%s", name, nearest ? "; did you mean '" : "; `gclab list suites` names some",
              nearest ? nearest : "", nearest ? "'?" : "");
}

/* ---- reading and writing ---- */

struct suite_file *suite_file_load(const char *name) {
  char path[PATH_BYTES];
  struct complaint complaint = {.line = 0};
  struct suite_file *file = NULL;
  const cyaml_config_t config = {
      .log_fn = hear, .log_ctx = &complaint, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};
  find_path(name, path);
  cyaml_err_t error = cyaml_load_file(path, &config, &file_schema, (cyaml_data_t **)&file, NULL);
  if (error == CYAML_ERR_FILE_OPEN)
    usage_error("the suite '%s' cannot be read: %s", path, strerror(errno));
  if (error != CYAML_OK)
    refuse(path, &complaint);
  if (!file)
    usage_error("the suite '%s' is empty", path);
  file->path = strdup(path);
  return file;
}

static const cyaml_config_t quiet = {.log_fn = NULL, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};

bool suite_file_save(const struct suite_file *file, const char *path) {
  return cyaml_save_file(path, &quiet, &file_schema, file, 0) == CYAML_OK;
}

void suite_file_free(struct suite_file *file) {
  free(file->path);
  cyaml_free(&quiet, &file_schema, file, 0);
}
