#include "bench/doctor.h"

#include <jansson.h>
#include <stdio.h>

#include "bench/probes.h"
#include "bench/text.h"
#include "runtime/os/topology.h"

enum { NAME_COLUMNS = 15, INDENT = NAME_COLUMNS + 5 };

static void print(const char *name, const struct finding *finding) {
  char remedy[sizeof finding->remedy + 8];
  printf("%-*s%-5s", NAME_COLUMNS, name, finding->warn ? "WARN" : "ok");
  text_wrap(stdout, finding->text, INDENT, INDENT);
  if (!finding->warn)
    return;
  snprintf(remedy, sizeof remedy, "-> %s", finding->remedy);
  printf("%*s", INDENT, "");
  text_wrap(stdout, remedy, INDENT, INDENT + 3);
}

int command_doctor(const struct options *options) {
  json_t *rows = json_array();
  unsigned warnings = 0;
  const char *problem = topology_init(NULL);
  if (problem)
    environment_error("the topology of this machine cannot be read: %s", problem);
  for (size_t i = 0; i < probe_count; i++) {
    struct finding finding = {.warn = false};
    probes[i].ask("", &finding);
    warnings += finding.warn;
    if (options->json)
      json_array_append_new(rows, json_pack("{ss sb ss ss?}", "name", probes[i].name, "warn", finding.warn, "finding",
                                            finding.text, "remedy", finding.warn ? finding.remedy : NULL));
    else
      print(probes[i].name, &finding);
  }
  if (options->json) {
    json_dumpf(rows, stdout, JSON_INDENT(1));
    printf("\n");
  } else {
    printf("\n%u of %zu will bias results\n", warnings, probe_count);
  }
  json_decref(rows);
  topology_fini();
  return options->strict && warnings ? EXIT_ENVIRONMENT : EXIT_OK;
}
