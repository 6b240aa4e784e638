/* option_flags.c -- every option, and the commands that take it. */
#include "bench/option_rows.h"

#include <stddef.h>

const char *const placements[] = {"local", "interleave", NULL};
const char *const instrumentations[] = {
    [INSTRUMENTATION_ON] = "on", [INSTRUMENTATION_OFF] = "off", [INSTRUMENTATION_ALTERNATE] = "alternate", NULL};

/* Rows: letter or 0, what stands for the value in the help, commands, member of struct options, name, …, help. */
#define AT(member) offsetof(struct options, member)
#define LIST(letter, argument, commands, member, name, text)                     \
  {                                                                              \
    FLAG_LIST, letter, argument, commands, AT(member), 0, { name, .help = text } \
  }
#define TEXT(letter, argument, commands, member, name, otherwise, text)                                 \
  {                                                                                                     \
    FLAG_TEXT, letter, argument, commands, AT(member), 0, { name, .fallback = otherwise, .help = text } \
  }
#define WORD(argument, commands, member, name, otherwise, text)                                    \
  {                                                                                                \
    FLAG_WORD, 0, argument, commands, AT(member), 0, { name, .fallback = otherwise, .help = text } \
  }
#define SWITCH(commands, member, name, text)                              \
  {                                                                       \
    FLAG_SWITCH, 0, NULL, commands, AT(member), 0, { name, .help = text } \
  }
#define NUMBER(letter, argument, commands, member, name, kind, min, max, otherwise, text) \
  {                                                                                       \
    FLAG_NUMBER, letter, argument, commands, AT(member), 0, {                             \
      name, GC_OPTION_##kind, min, max, .fallback = otherwise, .help = text               \
    }                                                                                     \
  }
#define CHOICE(argument, commands, member, name, words, otherwise, text)                                        \
  {                                                                                                             \
    FLAG_NUMBER, 0, argument, commands, AT(member), 0, { name, GC_OPTION_CHOICE, 0, 0, words, otherwise, text } \
  }
/* Has a default, and has_threads tells whether it was given. */
#define THREADS(letter, argument, commands, text)                            \
  {                                                                          \
    FLAG_NUMBER, letter, argument, commands, AT(threads), AT(has_threads), { \
      "threads", GC_OPTION_INT, 1, 1024, .fallback = "1", .help = text       \
    }                                                                        \
  }
/* From 1; has_<member> tells whether it was given. */
#define COUNT(letter, commands, member, name, text)                     \
  {                                                                     \
    FLAG_NUMBER, letter, "N", commands, AT(member), AT(has_##member), { \
      name, GC_OPTION_INT, 1, 1e5, .fallback = "1", .help = text        \
    }                                                                   \
  }
/* The same where the default of COUNT is not that of the command, which has one of its own. */
#define COUNT_IF_GIVEN(letter, commands, member, name, text)            \
  {                                                                     \
    FLAG_NUMBER, letter, "N", commands, AT(member), AT(has_##member), { \
      name, GC_OPTION_INT, 1, 1e5, .help = text                         \
    }                                                                   \
  }
/* A number without a fixed default; has_<member> tells whether it was given. */
#define NUMBER_IF_GIVEN(argument, commands, member, name, min, max, text)                                             \
  {                                                                                                                   \
    FLAG_NUMBER, 0, argument, commands, AT(member), AT(has_##member), { name, GC_OPTION_INT, min, max, .help = text } \
  }

const struct flag flag_rows[] = {
    LIST('c', "NAME[,opt=value…]", RUNS | COMMAND_MUTANTS, collectors, "collector",
         "collector and its options; `all`; may be repeated"),
    LIST('c', "NAME", COMMAND_VECTORS, collectors, "collector",
         "whose player, with options as in run; default: python; may be repeated; cpython is CPython itself"),
    NUMBER(0, "N", COMMAND_VECTORS, random, "random", INT, 0, 1e9, "0", "so many random scripts instead of files"),
    SWITCH(COMMAND_VECTORS, checklist, "checklist",
           "what three articles say of Python's memory, each point checked now"),
    SWITCH(COMMAND_VECTORS, against_cpython, "against-cpython", "compare with what CPython answers now"),
    LIST('w', "NAME[,opt=value…]", MEASURES | COMMAND_NOMINAL, workloads, "workload",
         "workload and its options; `all`; may be repeated"),
    TEXT(0, "SIZE|Kx", RUNS, heap, "heap", "2x", "64M, or 2x: times the smallest heap of the workload"),
    THREADS('t', "N", MEASURES, "mutator threads"),
    COUNT('n', COMMAND_RUN | COMMAND_SUITE, invocations, "invocations", "fresh processes of each pair"),
    COUNT('i', RUNS | COMMAND_SUITE, iterations, "iterations", "repetitions inside one process"),
    COUNT_IF_GIVEN('n', COMMAND_NOMINAL, invocations, "invocations",
                   "fresh processes of each workload, collector and heap; default: 3, in a counting build 1"),
    COUNT_IF_GIVEN('i', COMMAND_NOMINAL, iterations, "iterations",
                   "repetitions inside one process; default: 2, in a counting build 1"),
    NUMBER_IF_GIVEN("N", RUNS, warmup, "warmup", 0, 1e5,
                    "iterations that are marked warm-up; default: 1 if there are several, else 0"),
    NUMBER_IF_GIVEN("N", MEASURES, gc_threads, "gc-threads", 1, 1024,
                    "collector threads of a pause; default: one for each core"),
    NUMBER(0, "N", MEASURES | COMMAND_COMPARE | COMMAND_NOMINAL | COMMAND_VECTORS, seed, "seed", INT, 0, 9e18, "1",
           "of every random choice"),
    NUMBER(0, "S", MEASURES | COMMAND_NOMINAL, timeout_s, "timeout", REAL, 0.01, 1e7, "300",
           "seconds until an invocation is ended"),
    NUMBER(0, "S", MEASURES | COMMAND_NOMINAL, stalled_s, "stalled", REAL, 0.01, 1e7, "60",
           "seconds without CPU time or report until an invocation is ended"),
    TEXT(0, "NxM|STRING|FILE", MEASURES, topology, "topology", NULL,
         "nodes x cores, an hwloc string or XML file; nothing is bound then"),
    CHOICE("WHERE", RUNS, placement, "placement", placements, "local", "of heap memory on nodes: local or interleave"),
    SWITCH(MEASURES, no_pin, "no-pin", "mutator threads are not bound to cores"),
    CHOICE("WHICH", COMMAND_RUN | COMMAND_INVOKE, instrumentation, "instrumentation", instrumentations, "on",
           "on, off (iterations are timed and nothing else) or alternate (off in one of two)"),
    WORD("exact", COMMAND_RUN | COMMAND_INVOKE, profile, "profile", "sampled",
         "which lines allocate, and what of it lives; =exact needs -c checked,of=…"),
    SWITCH(COMMAND_RUN | COMMAND_INVOKE, leaks, "leaks",
           "what grew from the first iteration to the last: type, line, path; needs -i 2"),
    SWITCH(COMMAND_RUN | COMMAND_INVOKE, snapshot, "snapshot", "what is alive after the last iteration, by type"),
    TEXT(0, "NAMES", RUNS, verify_names, "verify", NULL,
         "verifiers that check the collector while it runs: all, or some of them; see `gclab help verify`"),
    NUMBER(0, "N", RUNS, stress_every, "stress-every", INT, 0, 1e9, "0",
           "collect at every Nth allocation of a thread; needs -c checked,of=…"),
    SWITCH(RUNS, stress_polls, "stress-polls", "collect at every poll"),
    NUMBER(0, "N", RUNS, refuse_chunk, "refuse-chunk", INT, 0, 1e9, "0",
           "the system refuses the Nth chunk and all later ones"),
    NUMBER_IF_GIVEN("SEED", COMMAND_RUN | COMMAND_INVOKE, schedule, "schedule", 0, 9e18,
                    "one thread at a time, in an order drawn from SEED; needs a build with checks"),
    NUMBER(0, "N", RUNS, schedule_steps, "schedule-steps", INT, 0, 1e12, "0",
           "priorities change within so many steps; 0: 100000, or what a first run took"),
    NUMBER(0, "N", RUNS, schedule_depth, "schedule-depth", INT, 0, 1024, "0", "so often; 0: drawn from the seed"),
    TEXT(0, "FILE", COMMAND_RUN | COMMAND_INVOKE, schedule_log, "schedule-log", NULL, "a line for every step"),
    NUMBER(0, "N", COMMAND_EXPLORE, seeds, "seeds", INT, 1, 1e9, "100", "schedules of each pair"),
    NUMBER(0, "N", COMMAND_EXPLORE, first_seed, "first-seed", INT, 0, 9e17, "1", "seed of the first schedule"),
    SWITCH(COMMAND_EXPLORE, until_failure, "until-failure", "a pair is done when a schedule of it has failed"),
    TEXT(0, "NAME", COMMAND_RUN | COMMAND_EXPLORE, mutant, "mutant", NULL,
         "with this fault of `gclab mutants --list` switched on; needs a build with mutants"),
    SWITCH(COMMAND_MUTANTS, list, "list", "name them, try none"),
    SWITCH(COMMAND_RUN | COMMAND_EXPLORE | COMMAND_LIST | COMMAND_COMPARE | COMMAND_LBO | COMMAND_SUITE |
               COMMAND_MINHEAP | COMMAND_MUTANTS | COMMAND_VERSION | COMMAND_DOCTOR | COMMAND_SHOW | COMMAND_NOMINAL |
               COMMAND_VECTORS,
           json, "json", "JSON on stdout, everything else on stderr"),
    SWITCH(COMMAND_LIST, matrix, "matrix", "which collector can run which workload"),
    SWITCH(COMMAND_MINHEAP, again, "again", "measure even if it is known"),
    NUMBER_IF_GIVEN("N", COMMAND_SUITE, order_seed, "seed", 0, 4294967295.0,
                    "of order and layout; without it one is drawn, and recorded"),
    TEXT(0, "TIME", COMMAND_SUITE, budget, "budget", NULL, "such as 10m: as many invocations as fit"),
    TEXT(0, "KEY=NAME,…", COMMAND_SUITE, only, "only", NULL,
         "a part of the cases: collector=, workload=, heap=, threads=; the same key twice means either"),
    SWITCH(COMMAND_SUITE, dry_run, "dry-run", "tell what would be run; measure nothing, write nothing"),
    TEXT(0, "ID", COMMAND_SUITE, resume, "resume", NULL, "go on with the run in results/ID, or in the folder ID"),
    TEXT(0, "OUTCOMES", COMMAND_SUITE, retry, "retry", NULL,
         "with --resume: run these once more, such as oom,crash; their records go to superseded.jsonl"),
    SWITCH(COMMAND_SUITE, allow_mixed, "allow-mixed", "go on with another build, or with builds of other sources"),
    SWITCH(COMMAND_DOCTOR, strict, "strict", "exit 3 if anything will"),
    TEXT('o', "DIR",
         COMMAND_RUN | COMMAND_EXPLORE | COMMAND_SUITE | COMMAND_MINHEAP | COMMAND_SELFTEST | COMMAND_SHOW |
             COMMAND_NOMINAL,
         output, "output", "results", "folder of results"),
    TEXT('o', "FILE", COMMAND_REPORT, page, "output", NULL, "the page"),
    TEXT('o', "FILE", COMMAND_TRACE, trace_file, "output", "trace.json", "the trace"),
    TEXT(0, "FILE", COMMAND_INVOKE, trace_file, "trace-file", NULL, ""),
    TEXT(0, "WORD", COMMAND_RUN, label, "label", "run", "first word of the name of the records' folder"),
    TEXT(0, "FAULT", COMMAND_INVOKE, fault, "fault", NULL, ""),
    TEXT(0, "NAME,…", COMMAND_COMPARE, metrics, "metric", "wall_ns", "fields of the records"),
    TEXT(0, "NAME,…", COMMAND_LBO, lbo_metric, "metric", "wall_ns,task_clock_ns", "wall_ns, task_clock_ns"),
    NUMBER(0, "PERCENT", COMMAND_COMPARE | COMMAND_LBO, confidence, "confidence", REAL, 50, 99.99, "95",
           "of intervals"),
    SWITCH(COMMAND_COMPARE, calibrate, "calibrate", "A/A: compare the invocations of one RUN with themselves"),
    TEXT(0, "NAME", COMMAND_EXPORT, format, "format", "csv", "csv, jsonl, gbench, hyperfine or sqlite"),
    TEXT('o', "FILE", COMMAND_EXPORT, export_path, "output", NULL, "where it is written"),
    TEXT(0, "DIR", COMMAND_INVOKE, artifacts, "artifacts", NULL, ""),
    NUMBER(0, "FD", COMMAND_INVOKE, record_fd, "record-fd", INT, 0, 1e6, "1", ""),
};
const size_t flag_row_count = sizeof flag_rows / sizeof flag_rows[0];
_Static_assert(sizeof flag_rows / sizeof flag_rows[0] <= FLAGS_MAX, "getopt_long gets a table of FLAGS_MAX rows");
