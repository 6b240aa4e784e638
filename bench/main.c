/* main.c -- gclab: reads the command line and hands it to the command. */
#include <stdio.h>
#include <string.h>

#include "bench/catalog.h"
#include "bench/compare.h"
#include "bench/doctor.h"
#include "bench/explore.h"
#include "bench/export.h"
#include "bench/invoke.h"
#include "bench/lbo.h"
#include "bench/micro/micro.h"
#include "bench/minheap.h"
#include "bench/mutants.h"
#include "bench/nominal.h"
#include "bench/options.h"
#include "bench/page/page.h"
#include "bench/run.h"
#include "bench/selftest.h"
#include "bench/suite.h"
#include "bench/trace.h"
#include "bench/vectors/vectors.h"
#include "bench/verify_run.h"

static int command_help(const struct options *options) {
  if (options->word_count > 1)
    usage_error("`gclab help` explains one command at a time");
  if (!options_help(options->word_count ? options->words[0] : NULL))
    usage_error("there is no command '%s'", options->words[0]);
  return EXIT_OK;
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "micro") == 0)
    return micro_main(argc - 1, argv + 1); /* its options are Google Benchmark's */
  struct options options;
  options_read(&options, argc, argv);
  switch (options.command) {
  case COMMAND_LIST: return command_list(&options);
  case COMMAND_SHOW: return command_show(&options);
  case COMMAND_RUN: return command_run(&options);
  case COMMAND_MINHEAP: return command_minheap(&options);
  case COMMAND_NOMINAL: return command_nominal(&options);
  case COMMAND_VECTORS: return command_vectors(&options);
  case COMMAND_EXPLORE: return command_explore(&options);
  case COMMAND_TRACE: return command_trace(&options);
  case COMMAND_MUTANTS: return command_mutants(&options);
  case COMMAND_DOCTOR: return command_doctor(&options);
  case COMMAND_SELFTEST: return command_selftest(&options);
  case COMMAND_SUITE: return command_suite(&options);
  case COMMAND_VERSION: return command_version(&options);
  case COMMAND_REPORT: return command_report(&options);
  case COMMAND_COMPARE: return command_compare(&options);
  case COMMAND_LBO: return command_lbo(&options);
  case COMMAND_EXPORT: return command_export(&options);
  case COMMAND_VERIFY: return command_verify(&options);
  case COMMAND_INVOKE: return invoke(&options);
  case COMMAND_MICRO: break; /* not read as a command, see above */
  case COMMAND_HELP: break;
  }
  return command_help(&options);
}
