#include "bench/page/page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/page/assets.h"
#include "bench/page/page_json.h"
#include "bench/results.h"

/* Where Debian's package node-d3 puts it; GCLAB_D3 names another copy. */
static const char d3_path[] = "/usr/share/nodejs/d3/dist/d3.min.js";

static FILE *open_d3(void) {
  const char *path = getenv("GCLAB_D3");
  FILE *file = fopen(path ? path : d3_path, "r");
  if (!file)
    environment_error("'%s' cannot be read: %s; the charts need d3: apt-get install node-d3, or name its d3.min.js in "
                      "the environment variable GCLAB_D3",
                      path ? path : d3_path, strerror(errno));
  return file;
}

/* RUN/derived/report.html of the first run. */
static void default_output(const char *folder, char path[RESULTS_PATH_BYTES]) {
  if ((size_t)snprintf(path, RESULTS_PATH_BYTES, "%s/derived", folder) >= RESULTS_PATH_BYTES - 16)
    environment_error("the path '%s' is too long; name the page with -o", folder);
  results_require_folder(path);
  strcat(path, "/report.html");
}

/* ---- writing ---- */

static void write_asset(FILE *out, struct asset asset) {
  fwrite(asset.begin, 1, (size_t)(asset.end - asset.begin), out);
}

static void write_file(FILE *out, FILE *in) {
  char buffer[1 << 16];
  for (size_t bytes; (bytes = fread(buffer, 1, sizeof buffer, in)) > 0;)
    fwrite(buffer, 1, bytes, out);
}

/* Nothing in the data can end the element that holds it: `<` stands in JSON only inside of text. */
static int write_escaped(const char *buffer, size_t size, void *data) {
  FILE *out = data;
  for (size_t i = 0; i < size; i++)
    if (buffer[i] == '<')
      fputs("\\u003c", out);
    else
      putc_unlocked(buffer[i], out);
  return 0;
}

static void write_part(FILE *out, const char *name, size_t length, const json_t *data, FILE *d3) {
  if (strncmp(name, "css", length) == 0)
    write_asset(out, asset_css);
  else if (strncmp(name, "d3", length) == 0)
    write_file(out, d3);
  else if (strncmp(name, "data", length) == 0)
    json_dump_callback(data, write_escaped, out, JSON_COMPACT | JSON_REAL_PRECISION(7));
  else
    for (size_t i = 0; i < asset_script_count; i++)
      write_asset(out, asset_scripts[i]);
}

/* report.html, with each {{css}}, {{d3}}, {{data}} and {{scripts}} replaced. */
static void write_page(FILE *out, const json_t *data, FILE *d3) {
  const char *at = asset_html.begin, *mark, *end;
  while ((mark = memmem(at, (size_t)(asset_html.end - at), "{{", 2)) &&
         (end = memmem(mark, (size_t)(asset_html.end - mark), "}}", 2))) {
    fwrite(at, 1, (size_t)(mark - at), out);
    write_part(out, mark + 2, (size_t)(end - mark - 2), data, d3);
    at = end + 2;
  }
  fwrite(at, 1, (size_t)(asset_html.end - at), out);
}

/* Half a page is none; what is no plain file, such as /dev/stdout, is not ours to remove. */
static void remove_part(const char *path) {
  struct stat status;
  if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
    unlink(path);
}

int command_report(const struct options *options) {
  struct gathered gathered = {0};
  char output[RESULTS_PATH_BYTES];
  if (options->word_count == 0)
    usage_error("which run?  name its folder in results/");
  FILE *d3 = open_d3();
  for (int i = 0; i < options->word_count; i++)
    gather_run(&gathered, options->words[i]);
  gather_tell_builds_apart(&gathered);
  if (options->page)
    snprintf(output, sizeof output, "%s", options->page);
  else
    default_output(gathered.runs[0].folder, output);

  json_t *data = page_json(&gathered);
  FILE *out = fopen(output, "w");
  if (!out)
    environment_error("'%s' cannot be written: %s; name another file with -o", output, strerror(errno));
  write_page(out, data, d3);
  fclose(d3);
  bool whole = !ferror(out);
  if (fclose(out) != 0 || !whole) {
    int reason = errno;
    remove_part(output);
    environment_error("'%s' cannot be written whole: %s; name another file with -o", output, strerror(reason));
  }
  json_decref(data);
  gather_free(&gathered);
  printf("%s\n", output);
  return EXIT_OK;
}
