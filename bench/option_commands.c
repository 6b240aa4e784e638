/* option_commands.c -- the commands, and what `gclab help` says of each. */
#include "bench/option_rows.h"

const struct command_row command_rows[] = {
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
     "need not free at once: each answer is wanted after a full collection, and CPython is asked the same; python with "
     "another gc= is asked for full collections alone (bench/vectors/judge.h).  -c cpython plays them in CPython "
     "itself.  For example:\n"
     "  gclab vectors tests/vectors/python.txt\n"
     "  gclab vectors -c python,gc=incremental tests/vectors/python.txt\n"
     "  gclab vectors --random 1000 --seed 7\n"
     "The first random script that fails is shortened and printed, with CPython's answers, as a file to play again.  "
     "Needs python3, of version 3.11, for all but the first of these.",
     COMMAND_VECTORS},
    {"help", "[COMMAND]", "this text, or all about one command", "", COMMAND_HELP},
    {"version", "", "what this binary was built from", "", COMMAND_VERSION},
    {"invoke", NULL, NULL, NULL, COMMAND_INVOKE},
};
const size_t command_row_count = sizeof command_rows / sizeof command_rows[0];
