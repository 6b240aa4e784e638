#include "bench/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/nominal.h"
#include "bench/text.h"
#include "bench/trace.h"
#include "runtime/verify/verify.h"

const char *const placements[] = {"local", "interleave", NULL};
const char *const instrumentations[] = {
    [INSTRUMENTATION_ON] = "on", [INSTRUMENTATION_OFF] = "off", [INSTRUMENTATION_ALTERNATE] = "alternate", NULL};

/* ---- commands ---- */

static const struct command_row {
  const char *name, *arguments, *summary, *details;
  enum command command;
} commands[] = {
    {"list", "[collectors|workloads|suites]", "what this binary holds", "", COMMAND_LIST},
    {"show", "collector|workload NAME", "one of them, its options and their defaults",
     "Of a workload also what it does, in the numbers that `gclab nominal` measures: each with its rank among all "
     "workloads (1 is the most), a score from 10 for the first to 0 for the last, and the least, the median and the "
     "most of all.  They come from results/nominal alone; `gclab help nominal` says what they mean.",
     COMMAND_SHOW},
    {"run", "-c NAME[,opt=value…] -w NAME [-- opt=value…]", "run workloads under collectors: a table and records",
     "Every -c runs with every -w, each invocation in a fresh process.  -c checked,of=NAME checks every use of a "
     "reference.  Workload options stand after `--` (-- depth=18) or with the name (-w gcbench,depth=18).\n"
     "The records, one JSON object a line, go to records.jsonl in a new folder of results/.\n"
     "The table's columns: wall s, the mean over invocations, and +-%, half of its 95 % interval (from three on); gc, "
     "the collector's share of all CPU time; pauses of an invocation, and p50 and max of their length from the "
     "decision to stop until threads run again; rss, the largest resident size.",
     COMMAND_RUN},
    {"minheap", "-w NAME [-- opt=value…]", "the smallest heap that completes a workload",
     "The smallest over all collectors that reclaim, by bisection, to within 3 % or 256 KB; what --heap 2x doubles. "
     "It is kept in results/minheap.yaml for each workload, its parameters and its threads.",
     COMMAND_MINHEAP},
    {"nominal", "-w NAME [-- opt=value…]", "measures what a workload does, for `gclab show`",
     "One thread, in heaps of 1.5, 2 and 6 times the smallest, under marksweep and, for survival, under generational "
     "with a nursery of 1 MB; the records go to results/nominal.  Objects, references and stores are counted by a "
     "build of its own: cmake --preset counting && cmake --build --preset counting, then the same command with "
     "build/counting/gclab.  `gclab show workload NAME` shows the numbers of the newest run that completed it, and a "
     "dash where there is none, such as for a heap that marksweep cannot do with.",
     COMMAND_NOMINAL},
    {"suite", "FILE|NAME [--budget 10m]", "an experiment from a YAML file, planned, shuffled, resumable",
     "Every case of the file (bench/suites/core.yaml shows every key) runs in as many fresh processes as it says: one "
     "round after the other, each case once in a round, shuffled.  The seed of the order, the size of the environment "
     "and whether addresses are random are drawn for each invocation and recorded.\n"
     "The plan is fixed before the first invocation (plan.jsonl in the folder of the run).  --budget measures how long "
     "cases take and reduces the invocations, the same for each case, until the plan fits; smallest heaps that are not "
     "known yet are measured before, and not counted.  A run that was ended, by "
     "whatever, goes on with --resume and loses at most the invocation that ran.",
     COMMAND_SUITE},
    {"micro", "[--benchmark_filter=REGEX] …", "the price of single operations, under each collector",
     "Names are COLLECTOR/OPERATION, runtime/OPERATION, and limit/… for loops written by hand that do the least any "
     "collector must.  Options and output are Google Benchmark's:\n"
     "  gclab micro --benchmark_list_tests\n"
     "  gclab micro --benchmark_filter='^(limit|satb)/.*store|swap'\n"
     "  gclab micro --benchmark_filter=mark_random --benchmark_out=mark.json\n"
     "and --benchmark_min_time=SECONDS, --benchmark_repetitions=N, --benchmark_format=json.\n"
     "  alloc32 …    an object of so many bytes, collections included\n"
     "  store_slots_young, …_marking\n"
     "               barriers active: each store old-to-young; a cycle marking\n"
     "  inert_…      a program during which no collection ever runs, with its\n"
     "               barriers; limit/walk and limit/swap are the same in plain C\n"
     "  handshake, stop\n"
     "               there and back to all threads, some of which poll\n"
     "  mark_random  marking 64-byte objects; limit/mark_random is the same by hand\n"
     "  pair_cycle   two objects that refer to each other, made and dropped\n"
     "  collect_lists\n"
     "               a full collection of a million empty lists, all alive\n"
     "  runtime/blocks_…\n"
     "               blocks of the private heap, taken and given back\n"
     "`gclab micro --ratios [--rounds=N] [WORD]` measures the speed ratios that gclab promises, those whose name holds "
     "WORD; some need the peers: cmake --build build --target peers.",
     COMMAND_MICRO},
    {"report", "RUN… [-o FILE]", "runs as one HTML page: ranks, charts, tables",
     "RUN is a folder of results/, or its records.jsonl; several are compared on one page.  The page works offline and "
     "holds all it shows; it is written to RUN/derived/report.html unless -o names another file.  Its charts are drawn "
     "by d3 (Debian's package node-d3).",
     COMMAND_REPORT},
    {"compare", "RUN_A RUN_B [--metric NAME,…]", "two runs, or two parts of one: which differences are shown",
     "RUN is a folder of results/, its records.jsonl, or some of its records:\n"
     "  gclab compare results/old results/new\n"
     "  gclab compare RUN:collector=marksweep RUN:collector=satb --metric wall_ns\n"
     "  gclab compare RUN:collector=satb,heap_factor=2 RUN:collector=satb,heap_factor=4\n"
     "Each collector of B is compared with itself in A, or with the one collector that A holds, at the same workload, "
     "heap and threads; a heap or number of threads that is one in all of A and another in all of B is what is "
     "compared.  An invocation is one sample.  A metric is any field of the records: wall_ns, task_clock_ns, "
     "stw_total.p99_ns, simple.p99_9_ns, peak_rss_bytes, ….  A ratio whose interval holds 1 shows no difference; that "
     "is "
     "not to say that there is none.\n"
     "`gclab compare RUN --calibrate` shows how often groups of the same invocations are called different.",
     COMMAND_COMPARE},
    {"lbo", "RUN [--metric NAME,…]", "lower-bound overheads: what collectors cost at least",
     "Of each collector, heap and workload the total, and the total over the least that any of them takes without its "
     "explicit collector's cost (Cai, Blackburn, Bond and Maas 2022).  For wall_ns the explicit cost is stopped time, "
     "for "
     "task_clock_ns all CPU time of the collector.",
     COMMAND_LBO},
    {"export", "RUN [--format NAME] [-o FILE]", "records for other programs",
     "csv has a row for each iteration and units in its header; jsonl the records; gbench and hyperfine are the JSON "
     "of "
     "these programs (compare.py of Google Benchmark takes it); sqlite is a database, RUN/derived/index.sqlite unless "
     "-o "
     "names another file.  The others go to stdout.  What is no number is null.",
     COMMAND_EXPORT},
    {"verify", "RUN", "whether a run is whole: checksums, missing invocations, files",
     "Every finding is one line; exit 1 if there is one.  Checksums must agree between all invocations of a workload "
     "with "
     "the same parameters, threads and seed, whatever the collector; every invocation of plan.jsonl must be there "
     "once, "
     "and every file that a record names.",
     COMMAND_VERIFY},
    {"explore", "-c NAME[,opt=value…] -w NAME [--seeds N]",
     "many schedules of small runs, to find the rare one that fails",
     "Threads run one at a time, in an order drawn from the seed, and every pause is verified: under the same seed the "
     "same steps "
     "happen again.  A workload without options takes its smallest useful ones.  The table counts the seeds that fail; "
     "for the first of each pair the command that replays it is printed.  Needs a build with checks: "
     "cmake --preset check && cmake --build --preset check, then build/check/gclab explore.",
     COMMAND_EXPLORE},
    {"mutants", "[-c NAME] [MUTANT…]", "single faults, and the test that notices each",
     "Each test is a fresh process and must pass without a mutant first.  A mutant is tried without assertions before "
     "it is tried with them, so `check` means that nothing else found it.  Orders of memory are tried under "
     "ThreadSanitizer and by models.  Needs builds of their own: cmake --preset mutants && cmake --build --preset "
     "mutants, the same with mutants-tsan, then build/mutants/gclab mutants.",
     COMMAND_MUTANTS},
    {"doctor", "", "what of this machine will bias results, and what to do",
     "A row for each of them: ok, or WARN and a remedy.  Its look at other processes takes a moment.", COMMAND_DOCTOR},
    {"selftest", "", "commits faults, and shows that each is recorded as what it is",
     "Too small a heap, refused memory, a crash, a hang, an endless loop, a wrong checksum, a process that leaves "
     "without a record, and files that may not grow, as on a full disk.  Takes some seconds.",
     COMMAND_SELFTEST},
    {"trace", "-c NAME[,opt=value…] -w NAME [-o FILE]", "what happened when in one invocation",
     "Writes Chrome's trace events, for https://ui.perfetto.dev or chrome://tracing: a lane for each mutator, "
     "collector thread and phase, an arrow from each request to stop to the threads that stop for it, heap and "
     "metadata.  The same is there for bpftrace while any gclab runs: `gclab help probes`.  For example:\n"
     "  gclab trace -c satb -w server --heap 2x -t 2 -o satb.json",
     COMMAND_TRACE},
    {"vectors", "[-c NAME] FILE… | --random N | --checklist", "does a collector manage memory as CPython 3.11 does",
     "Plays scripts in the form of tests/vectors/python.txt (bench/vectors/ops.def explains each operation), each in a "
     "fresh process, and compares every answer with the script's, or with CPython's.  Collectors other than python "
     "need not free at once: each answer is wanted after a full collection, and CPython is asked the same "
     "(bench/vectors/judge.h).  -c cpython plays them in CPython itself.  For example:\n"
     "  gclab vectors tests/vectors/python.txt\n"
     "  gclab vectors --random 1000 --seed 7\n"
     "The first random script that fails is shortened and printed, with CPython's answers, as a file to play again.  "
     "Needs python3, of version 3.11, for all but the first of these.",
     COMMAND_VECTORS},
    {"help", "[COMMAND]", "this text, or all about one command", "", COMMAND_HELP},
    {"version", "", "what this binary was built from", "", COMMAND_VERSION},
    {"invoke", NULL, NULL, NULL, COMMAND_INVOKE},
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static const struct command_row *current;

/* ---- options ---- */

enum flag_kind {
  FLAG_SWITCH,
  FLAG_TEXT,
  FLAG_WORD, /* text that may be left out, --name or --name=text: it is the fallback then */
  FLAG_LIST,
  FLAG_NUMBER,
};

/* `target` and `given` are offsets in struct options; option.fallback is NULL if there is no fixed default. */
struct flag {
  enum flag_kind kind;
  char letter;
  const char *argument;
  unsigned commands;
  size_t target, given;
  struct gc_option option;
};

enum {
  RUNS = COMMAND_RUN | COMMAND_EXPLORE | COMMAND_TRACE | COMMAND_INVOKE,
  MEASURES = RUNS | COMMAND_MINHEAP,
};

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

static const struct flag flags[] = {
    LIST('c', "NAME[,opt=value…]", RUNS | COMMAND_MUTANTS, collectors, "collector",
         "collector and its options; `all`; may be repeated"),
    LIST('c', "NAME", COMMAND_VECTORS, collectors, "collector",
         "whose player; default: python; may be repeated; cpython is CPython itself"),
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
enum { FLAG_COUNT = sizeof flags / sizeof flags[0], LONG_BASE = 256 };

/* ---- errors ---- */

static void complain(const char *format, va_list arguments) {
  fprintf(stderr, "gclab: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
}

void usage_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  complain(format, arguments);
  va_end(arguments);
  bool known = current && current->summary;
  fprintf(stderr, "See `gclab help%s%s`.\n", known ? " " : "", known ? current->name : "");
  exit(EXIT_USAGE);
}

void environment_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  complain(format, arguments);
  va_end(arguments);
  exit(EXIT_ENVIRONMENT);
}

/* ---- reading ---- */

static void read_command(struct options *options, const char *name) {
  if (!name)
    usage_error("what shall it do?");
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
    name = "help";
  if (strcmp(name, "--version") == 0)
    name = "version";
  const char *names[COMMAND_COUNT];
  for (size_t i = 0; i < COMMAND_COUNT; i++) {
    names[i] = commands[i].name;
    if (strcmp(commands[i].name, name) == 0)
      current = &commands[i];
  }
  if (!current) {
    const char *nearest = option_nearest(name, names, COMMAND_COUNT - 1);
    usage_error("there is no command '%s'%s%s%s", name, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                nearest ? "'?" : "");
  }
  options->command = current->command;
}

static void set_defaults(struct options *options) {
  for (size_t i = 0; i < FLAG_COUNT; i++) {
    const struct gc_option table[] = {flags[i].option, {0}};
    if (flags[i].kind == FLAG_NUMBER && table[0].fallback)
      option_defaults(table, (struct gc_value *)((char *)options + flags[i].target));
  }
}

static void set_number(struct options *options, const struct flag *flag, const char *argument) {
  const struct gc_option table[] = {flag->option, {0}};
  char text[strlen(table[0].name) + strlen(argument) + 2], message[512];
  snprintf(text, sizeof text, "%s=%s", table[0].name, argument);
  if (!option_set(table, (struct gc_value *)((char *)options + flag->target), text, strlen(text), message,
                  sizeof message))
    usage_error("--%s", message);
}

static void apply(struct options *options, const struct flag *flag, const char *argument) {
  if (!(flag->commands & options->command))
    usage_error("`gclab %s` takes no option --%s", current->name, flag->option.name);
  void *target = (char *)options + flag->target;
  struct text_list *list = target;
  switch (flag->kind) {
  case FLAG_SWITCH: *(bool *)target = true; break;
  case FLAG_TEXT: *(const char **)target = argument; break;
  case FLAG_WORD: *(const char **)target = argument ? argument : flag->option.fallback; break;
  case FLAG_NUMBER: set_number(options, flag, argument); break;
  case FLAG_LIST:
    if (list->count == TEXTS_MAX)
      usage_error("more than %d times --%s", TEXTS_MAX, flag->option.name);
    list->items[list->count++] = argument;
  }
  if (flag->given)
    *(bool *)((char *)options + flag->given) = true;
}

static _Noreturn void unknown_option(const char *text) {
  const char *names[FLAG_COUNT];
  size_t count = 0;
  for (size_t i = 0; i < FLAG_COUNT; i++)
    if (flags[i].commands & current->command)
      names[count++] = flags[i].option.name;
  const char *nearest = strncmp(text, "--", 2) == 0 ? option_nearest(text + 2, names, count) : NULL;
  if (nearest)
    usage_error("`gclab %s` has no option '%s'; did you mean '--%s'?", current->name, text, nearest);
  usage_error("`gclab %s` has no option '%s'", current->name, text);
}

/* What getopt_long found: a letter, or a long option of that number.  One name may mean this in one command and that in
 * another. */
static const struct flag *find_flag(int found) {
  const struct flag *other = NULL;
  for (size_t i = 0; i < FLAG_COUNT; i++) {
    bool same = found < LONG_BASE ? flags[i].letter == found
                                  : strcmp(flags[i].option.name, flags[found - LONG_BASE].option.name) == 0;
    if (same && (flags[i].commands & current->command))
      return &flags[i];
    if (same)
      other = &flags[i];
  }
  return other;
}

static void read_flags(struct options *options, int argc, char **argv) {
  struct option long_options[FLAG_COUNT + 2] = {{0}};
  char letters[3 * FLAG_COUNT + 4] = ":h";
  for (size_t i = 0; i < FLAG_COUNT; i++) {
    bool takes = flags[i].kind != FLAG_SWITCH;
    int how = flags[i].kind == FLAG_WORD ? optional_argument : takes ? required_argument : no_argument;
    long_options[i] = (struct option){flags[i].option.name, how, NULL, LONG_BASE + (int)i};
    if (flags[i].letter)
      strcat(letters, (char[]){flags[i].letter, takes ? ':' : 0, 0});
  }
  long_options[FLAG_COUNT] = (struct option){"help", 0, NULL, 'h'};
  opterr = 0;
  for (int found; (found = getopt_long(argc, argv, letters, long_options, NULL)) != -1;) {
    if (found == 'h') {
      options_help(current->name);
      exit(EXIT_OK);
    }
    if (found == ':')
      usage_error("%s wants a value", argv[optind - 1]);
    if (found == '?')
      unknown_option(optopt && optopt < LONG_BASE ? (char[]){'-', (char)optopt, 0} : argv[optind - 1]);
    apply(options, find_flag(found), optarg);
  }
  options->words = argv + optind;
  options->word_count = argc - optind;
}

static void read_verify(struct options *options) {
  char message[256];
  if (options->verify_names && !verify_parse(options->verify_names, &options->verify, message, sizeof message))
    usage_error("--verify: %s", message);
}

void options_read(struct options *options, int argc, char **argv) {
  *options = (struct options){.heap = "2x",
                              .output = "results",
                              .label = "run",
                              .metrics = "wall_ns",
                              .lbo_metric = "wall_ns,task_clock_ns",
                              .format = "csv"};
  options->arguments = argv;
  options->argument_count = argc;
  read_command(options, argv[1]);
  set_defaults(options);
  int end = 2;
  while (end < argc && strcmp(argv[end], "--") != 0)
    end++;
  if (end < argc) {
    options->workload_options = argv + end + 1;
    options->workload_option_count = argc - end - 1;
  }
  if (options->workload_option_count && !(options->command & (MEASURES | COMMAND_NOMINAL)))
    usage_error("`gclab %s` takes nothing after `--`", current->name);
  argv[1] = argv[0];
  read_flags(options, end - 1, argv + 1);
  read_verify(options);
  unsigned takes_words = COMMAND_LIST | COMMAND_SHOW | COMMAND_HELP | COMMAND_MUTANTS | COMMAND_SUITE | COMMAND_REPORT |
                         COMMAND_COMPARE | COMMAND_LBO | COMMAND_EXPORT | COMMAND_VERIFY | COMMAND_VECTORS;
  if (options->word_count && !(options->command & takes_words))
    usage_error("`gclab %s` cannot do anything with '%s'", current->name, options->words[0]);
}

/* ---- help ---- */

static void help_flag(const struct flag *flag) {
  enum { LEFT_COLUMNS = 24 };
  char left[80], right[256];
  snprintf(left, sizeof left, "%c%c%s--%s%s%s%s", flag->letter ? '-' : ' ', flag->letter ? flag->letter : ' ',
           flag->letter ? ", " : "  ", flag->option.name,
           !flag->argument ? "" : flag->kind == FLAG_WORD ? "[=" : " ", flag->argument ? flag->argument : "",
           flag->kind == FLAG_WORD ? "]" : "");
  bool shown = flag->option.fallback && strcmp(flag->option.fallback, "0") != 0;
  snprintf(right, sizeof right, "%s%s%s%s", flag->option.help, shown ? " [" : "", shown ? flag->option.fallback : "",
           shown ? "]" : "");
  printf("  %s", left);
  if (text_columns(left) > LEFT_COLUMNS)
    printf("\n%*s", LEFT_COLUMNS + 4, "");
  else
    printf("%*s", LEFT_COLUMNS + 2 - text_columns(left), "");
  text_wrap(stdout, right, LEFT_COLUMNS + 4, LEFT_COLUMNS + 4);
}

static void help_command(const struct command_row *row) {
  printf("gclab %s %s\n  %s\n\n", row->name, row->arguments, row->summary);
  if (*row->details) {
    text_wrap(stdout, row->details, 0, 0);
    printf("\n");
  }
  for (size_t i = 0; i < FLAG_COUNT; i++)
    if (flags[i].commands & row->command)
      help_flag(&flags[i]);
}

static void help_nominal(void) {
  for (size_t i = 0; i < nominal_statistic_count; i++) {
    char text[256];
    snprintf(text, sizeof text, "%s: %s", nominal_statistics[i].label, nominal_statistics[i].help);
    printf("  %-5s ", nominal_statistics[i].code);
    text_wrap(stdout, text, 8, 8);
  }
}

static void help_verify(void) {
  printf(
      "gclab run --verify=NAME[,NAME…]\n  second opinions on the collector, by code that it shares nothing with\n\n");
  text_wrap(stdout,
            "A verifier that finds something wrong prints it and ends the invocation; its outcome is verify_failed.  "
            "A collector that has nothing for a verifier to look at is passed over.  Times are meaningless meanwhile.",
            0, 0);
  printf("\n");
  for (size_t i = 0; i < VERIFIER_COUNT; i++) {
    printf("  %-8s", verifier_names[i]);
    text_wrap(stdout, verifier_texts[i], 10, 10);
  }
  printf("  %-8s", "all");
  text_wrap(stdout, "each of these", 10, 10);
  printf("  %-8s", "slow");
  text_wrap(stdout, "tell everything that is wrong, each finding with its path from a root, before the end", 10, 10);
  printf("\n");
  text_wrap(
      stdout,
      "shadow needs a hook in every store: -c checked,of=NAME.  remark adds memory.floating_bytes to the record.  "
      "The levels 0 (none) and 3 (all) are understood, too.",
      0, 0);
}

bool options_help(const char *command) {
  if (!command) {
    printf("gclab -- a program for comparing garbage collectors\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
      if (commands[i].summary)
        printf("  gclab %-8s %s\n", commands[i].name, commands[i].summary);
    printf("\n`gclab help COMMAND` tells the options.  For example:\n"
           "  gclab run -c satb -w gcbench --heap 2x -t 2 -n 3\n\n"
           "Exit: 0 ok, 1 some invocations failed (also for want of memory), 2 wrong usage,\n"
           "3 the machine or a folder refuses, 130 interrupted.\n");
    return true;
  }
  if (strcmp(command, "probes") == 0) {
    trace_help_probes();
    return true;
  }
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    if (commands[i].summary && strcmp(commands[i].name, command) == 0) {
      help_command(&commands[i]);
      if (commands[i].command == COMMAND_NOMINAL) {
        printf("\n");
        help_nominal();
      }
      if (commands[i].command ==
          COMMAND_VERIFY) { /* a command, and an option of `gclab run` that has pages of its own */
        printf("\n");
        help_verify();
      }
      return true;
    }
  return false;
}
