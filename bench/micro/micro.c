#include "bench/micro/micro.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "bench/gbench_shim.h"
#include "bench/micro/benchmarks.h"
#include "bench/micro/flags.h"
#include "bench/micro/ratios.h"
#include "bench/options.h"
#include "runtime/os/topology.h"

static void register_all(void) {
  micro_register_limits();
  micro_register_deque();
  micro_register_blocks();
  for (size_t i = 0; micro_plans[i]; i++) {
    micro_register_loops(micro_plans[i]);
    micro_register_handshakes(micro_plans[i]);
    micro_register_marking(micro_plans[i]);
    micro_register_collecting(micro_plans[i]);
  }
}

/* ---- a filter that selects nothing ---- */

enum { NAMES_MAX = 4096 };
struct names {
  const char *items[NAMES_MAX]; /* live as long as the process, which is about to end */
  size_t count;
};

static void add_name(const char *name, void *user) {
  struct names *names = user;
  char *copy = names->count < NAMES_MAX ? strdup(name) : NULL;
  if (copy)
    names->items[names->count++] = copy;
}

static _Noreturn void refuse_filter(const char *filter) {
  static struct names names;
  regex_t regex;
  char reason[128];
  int error = regcomp(&regex, filter, REG_EXTENDED | REG_NOSUB);
  if (error) {
    regerror(error, &regex, reason, sizeof reason);
    usage_error("micro: --benchmark_filter='%s' is no regular expression: %s", filter, reason);
  }
  gbench_for_names(".", add_name, &names);
  const char *nearest = micro_nearest(filter, names.items, names.count);
  if (nearest)
    usage_error("micro: no benchmark matches '%s'; did you mean '%s'?", filter, nearest);
  usage_error("micro: no benchmark matches '%s'; --benchmark_list_tests names all", filter);
}

/* ---- the command ---- */

static bool has(int argc, char **argv, const char *word) {
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], word) == 0)
      return true;
  return false;
}

int micro_main(int argc, char **argv) {
  if (has(argc, argv, "--help") || has(argc, argv, "-h")) {
    options_help("micro");
    return EXIT_OK;
  }
  const char *problem = topology_init(NULL);
  if (problem)
    environment_error("micro: %s", problem);
  if (has(argc, argv, "--ratios"))
    return ratios_main(argc, argv);
  micro_check_flags(argc, argv);
  gbench_initialize(&argc, argv);
  if (gbench_report_unrecognized_arguments(argc, argv))
    return EXIT_USAGE;
  register_all();
  const char *filter = gbench_get_benchmark_filter();
  if (*filter && gbench_for_names(filter, NULL, NULL) == 0)
    refuse_filter(filter);
  gbench_run_specified_benchmarks();
  gbench_shutdown();
  return EXIT_OK;
}
