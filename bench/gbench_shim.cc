/* gbench_shim.cc -- the border between gclab, which is C, and Google Benchmark, which is C++. */
#include "bench/gbench_shim.h"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using benchmark::State;
using benchmark::internal::Benchmark;

/* ---- the border ---- */

static Benchmark *unwrap(struct gbench *b) { return reinterpret_cast<Benchmark *>(b); }
static State *unwrap(struct gbench_state *state) { return reinterpret_cast<State *>(state); }
static const State *unwrap(const struct gbench_state *state) { return reinterpret_cast<const State *>(state); }
static struct gbench_state *wrap(State *state) { return reinterpret_cast<struct gbench_state *>(state); }
static const struct gbench_state *wrap(const State *state) {
  return reinterpret_cast<const struct gbench_state *>(state);
}

[[noreturn]] static void die(const char *what) {
  std::fprintf(stderr, "gbench_shim: Google Benchmark failed: %s\n", what);
  std::abort();
}

/* Calls `body`; an exception ends here. */
template <class Body> static auto guarded(Body &&body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception &e) {
    die(e.what());
  } catch (...) {
    die("an exception of unknown type");
  }
}

/* ---- bare function pointers: the Nth callback goes through the Nth instance of a template ---- */

/* Function pointers of type Result(*)(Argument) for C callbacks with a user pointer.  Tag keeps the kinds apart.
 * call(callback, user, argument) converts and calls. */
template <class Tag, class Callback, class Result, class Argument> class Trampolines {
public:
  using Pointer = Result (*)(Argument);

  static Pointer take(Callback *callback, void *user) {
    if (used == GBENCH_CALLBACKS)
      die("more than GBENCH_CALLBACKS callbacks of one kind");
    slots[used] = {callback, user};
    return pointers(std::make_index_sequence<GBENCH_CALLBACKS>())[used++];
  }

private:
  struct Slot {
    Callback *callback;
    void *user;
  };
  inline static std::array<Slot, GBENCH_CALLBACKS> slots{};
  inline static std::size_t used = 0;

  template <std::size_t N> static Result jump(Argument argument) {
    return Tag::call(slots[N].callback, slots[N].user, argument);
  }
  template <std::size_t... N> static std::array<Pointer, GBENCH_CALLBACKS> pointers(std::index_sequence<N...>) {
    return {&jump<N>...};
  }
};

using statistics_callback = double(const double *values, size_t count, void *user);
using complexity_callback = double(int64_t n, void *user);

struct StateCallback {
  static void call(gbench_callback *callback, void *user, const State &state) { callback(wrap(&state), user); }
};
struct StatisticsCallback {
  static double call(statistics_callback *callback, void *user, const std::vector<double> &values) {
    return callback(values.data(), values.size(), user);
  }
};
struct ComplexityCallback {
  static double call(complexity_callback *callback, void *user, benchmark::IterationCount n) {
    return callback(n, user);
  }
};

using StateTrampolines = Trampolines<StateCallback, gbench_callback, void, const State &>;
using StatisticsTrampolines = Trampolines<StatisticsCallback, statistics_callback, double, const std::vector<double> &>;
using ComplexityTrampolines = Trampolines<ComplexityCallback, complexity_callback, double, benchmark::IterationCount>;

/* ---- valid JSON ---- */

/* Replaces NaN and Infinity, with or without a sign, by null, except inside strings. */
static std::string json_finite(const std::string &text) {
  std::string result;
  result.reserve(text.size());
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); i++) {
    if (in_string || text[i] == '"') {
      result += text[i];
      if (in_string && text[i] == '\\')
        result += text[++i];
      else if (text[i] == '"')
        in_string = !in_string;
      continue;
    }
    std::size_t sign = text[i] == '-';
    if (text.compare(i + sign, 3, "NaN") == 0) {
      result += "null";
      i += sign + std::strlen("NaN") - 1;
    } else if (text.compare(i + sign, 8, "Infinity") == 0) {
      result += "null";
      i += sign + std::strlen("Infinity") - 1;
    } else {
      result += text[i];
    }
  }
  return result;
}

class ValidJsonReporter : public benchmark::JSONReporter {
public:
  bool ReportContext(const Context &context) override {
    bool go_on = false;
    through([&] { go_on = JSONReporter::ReportContext(context); });
    return go_on;
  }
  void ReportRuns(const std::vector<Run> &runs) override {
    through([&] { JSONReporter::ReportRuns(runs); });
  }
  void Finalize() override {
    through([&] { JSONReporter::Finalize(); });
  }

private:
  template <class Write> void through(Write &&write) {
    std::ostream &out = GetOutputStream();
    std::ostringstream text;
    SetOutputStream(&text);
    write();
    SetOutputStream(&out);
    out << json_finite(text.str()) << std::flush;
  }
};

/* ---- times of several threads ---- */

/* Passes results on, times multiplied back: 1.7.1 divides real and manual time, and CPU time of the process, by the
 * number of threads, although the iterations that it divides by are those of all threads already. */
class UndividedReporter : public benchmark::BenchmarkReporter {
public:
  explicit UndividedReporter(BenchmarkReporter &to) : to(to) {}

  bool ReportContext(const Context &context) override {
    to.SetOutputStream(&GetOutputStream());
    to.SetErrorStream(&GetErrorStream());
    return to.ReportContext(context);
  }
  void ReportRuns(const std::vector<Run> &runs) override {
    std::vector<Run> undivided = runs;
    for (Run &run : undivided)
      if (run.threads > 1 && run.aggregate_unit == benchmark::kTime && !run.report_big_o && !run.report_rms) {
        run.real_accumulated_time *= static_cast<double>(run.threads);
        if (run.run_name.time_type.find("process_time") != std::string::npos)
          run.cpu_accumulated_time *= static_cast<double>(run.threads);
      }
    to.ReportRuns(undivided);
  }
  void Finalize() override { to.Finalize(); }

private:
  BenchmarkReporter &to;
};

/* ---- the library's own flags, which no header of it declares ---- */

namespace benchmark {
extern bool FLAGS_benchmark_list_tests;
extern std::string FLAGS_benchmark_filter, FLAGS_benchmark_format, FLAGS_benchmark_out, FLAGS_benchmark_out_format;
} // namespace benchmark

/* What --benchmark_out_format names: the library has checked it. */
static std::unique_ptr<benchmark::BenchmarkReporter> new_reporter(const std::string &format) {
  if (format == "json")
    return std::make_unique<ValidJsonReporter>();
  if (format == "csv") {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    return std::make_unique<benchmark::CSVReporter>();
#pragma GCC diagnostic pop
  }
  return std::make_unique<benchmark::ConsoleReporter>(benchmark::ConsoleReporter::OO_None);
}

/* For a run that only lists names. */
class NamesReporter : public benchmark::BenchmarkReporter {
public:
  bool ReportContext(const Context &) override { return false; }
  void ReportRuns(const std::vector<Run> &) override {}
};

/* ---- memory ---- */

class MemoryCallbacks : public benchmark::MemoryManager {
public:
  void (*start)(void *) = nullptr;
  void (*stop)(void *, struct gbench_memory *) = nullptr;
  void *user = nullptr;

  void Start() override { start(user); }
  void Stop(Result *result) override { Stop(*result); }
  void Stop(Result &result) override {
    struct gbench_memory memory = {0, 0, GBENCH_MEMORY_UNKNOWN, GBENCH_MEMORY_UNKNOWN};
    stop(user, &memory);
    result.num_allocs = memory.allocs;
    result.max_bytes_used = memory.max_bytes_used;
    /* The library made `result` with its own word for unknown, which its shared object does not export. */
    if (memory.total_allocated_bytes != GBENCH_MEMORY_UNKNOWN)
      result.total_allocated_bytes = memory.total_allocated_bytes;
    if (memory.net_heap_growth != GBENCH_MEMORY_UNKNOWN)
      result.net_heap_growth = memory.net_heap_growth;
  }
};

static MemoryCallbacks memory_callbacks;

/* ---- the process ---- */

void gbench_initialize(int *argc, char **argv) {
  guarded([&] {
    benchmark::Initialize(argc, argv);
  });
}

void gbench_shutdown(void) {
  guarded([] { benchmark::Shutdown(); });
}

bool gbench_report_unrecognized_arguments(int argc, char **argv) {
  return guarded([&] { return benchmark::ReportUnrecognizedArguments(argc, argv); });
}

size_t gbench_run_specified_benchmarks(void) {
  return guarded([] {
    ValidJsonReporter json;
    /* The usual one knows about colours and columns; the library keeps it. */
    benchmark::BenchmarkReporter *usual = benchmark::CreateDefaultDisplayReporter();
    bool is_json = benchmark::FLAGS_benchmark_format == "json";
    UndividedReporter display(is_json ? json : *usual);
    std::unique_ptr<benchmark::BenchmarkReporter> written = new_reporter(benchmark::FLAGS_benchmark_out_format);
    UndividedReporter file(*written);
    return benchmark::RunSpecifiedBenchmarks(&display, benchmark::FLAGS_benchmark_out.empty() ? nullptr : &file);
  });
}

size_t gbench_for_names(const char *filter, void (*visit)(const char *name, void *user), void *user) {
  return guarded([&] {
    NamesReporter reporter;
    std::stringstream names, problems; /* the caller sees the count and has better words */
    reporter.SetOutputStream(&names);
    reporter.SetErrorStream(&problems);
    bool listing = std::exchange(benchmark::FLAGS_benchmark_list_tests, true);
    std::string file = std::exchange(benchmark::FLAGS_benchmark_out, "");
    size_t matched = benchmark::RunSpecifiedBenchmarks(&reporter, nullptr, filter);
    benchmark::FLAGS_benchmark_list_tests = listing;
    benchmark::FLAGS_benchmark_out = file;
    for (std::string name; visit && std::getline(names, name);)
      visit(name.c_str(), user);
    return matched;
  });
}

const char *gbench_get_benchmark_filter(void) {
  return guarded([] {
    static std::string filter;
    filter = benchmark::GetBenchmarkFilter();
    return filter.c_str();
  });
}

void gbench_set_benchmark_filter(const char *filter) {
  guarded([&] { benchmark::SetBenchmarkFilter(filter); });
}
void gbench_add_custom_context(const char *key, const char *value) {
  guarded([&] { benchmark::AddCustomContext(key, value); });
}
void gbench_clear_registered_benchmarks(void) {
  guarded([] { benchmark::ClearRegisteredBenchmarks(); });
}
void gbench_set_default_time_unit(enum gbench_unit unit) {
  guarded([&] { benchmark::SetDefaultTimeUnit(static_cast<benchmark::TimeUnit>(unit)); });
}

void gbench_register_memory_manager(void (*start)(void *user), void (*stop)(void *user, struct gbench_memory *result),
                                    void *user) {
  memory_callbacks.start = start;
  memory_callbacks.stop = stop;
  memory_callbacks.user = user;
  guarded([&] { benchmark::RegisterMemoryManager(start && stop ? &memory_callbacks : nullptr); });
}

/* ---- one benchmark ---- */

struct gbench *gbench_register(const char *name, gbench_body *body, void *user) {
  return guarded([&] {
    Benchmark *b = benchmark::RegisterBenchmark(name, [body, user](State &state) { body(wrap(&state), user); });
    return reinterpret_cast<struct gbench *>(b);
  });
}

void gbench_name(struct gbench *b, const char *name) {
  guarded([&] { unwrap(b)->Name(name); });
}
void gbench_arg(struct gbench *b, int64_t value) {
  guarded([&] { unwrap(b)->Arg(value); });
}
void gbench_args(struct gbench *b, const int64_t *values, size_t count) {
  guarded([&] { unwrap(b)->Args(std::vector<int64_t>(values, values + count)); });
}
void gbench_range(struct gbench *b, int64_t start, int64_t limit) {
  guarded([&] { unwrap(b)->Range(start, limit); });
}
void gbench_dense_range(struct gbench *b, int64_t start, int64_t limit, int step) {
  guarded([&] { unwrap(b)->DenseRange(start, limit, step); });
}
void gbench_ranges(struct gbench *b, const int64_t (*start_and_limit)[2], size_t count) {
  guarded([&] {
    std::vector<std::pair<int64_t, int64_t>> ranges;
    for (size_t i = 0; i < count; i++)
      ranges.emplace_back(start_and_limit[i][0], start_and_limit[i][1]);
    unwrap(b)->Ranges(ranges);
  });
}
void gbench_args_product(struct gbench *b, const int64_t *const *lists, const size_t *lengths, size_t count) {
  guarded([&] {
    std::vector<std::vector<int64_t>> product;
    for (size_t i = 0; i < count; i++)
      product.emplace_back(lists[i], lists[i] + lengths[i]);
    unwrap(b)->ArgsProduct(product);
  });
}
void gbench_arg_name(struct gbench *b, const char *name) {
  guarded([&] { unwrap(b)->ArgName(name); });
}
void gbench_arg_names(struct gbench *b, const char *const *names, size_t count) {
  guarded([&] { unwrap(b)->ArgNames(std::vector<std::string>(names, names + count)); });
}
void gbench_range_multiplier(struct gbench *b, int multiplier) {
  guarded([&] { unwrap(b)->RangeMultiplier(multiplier); });
}
void gbench_unit(struct gbench *b, enum gbench_unit unit) {
  guarded([&] { unwrap(b)->Unit(static_cast<benchmark::TimeUnit>(unit)); });
}
void gbench_min_time(struct gbench *b, double seconds) {
  guarded([&] { unwrap(b)->MinTime(seconds); });
}
void gbench_min_warm_up_time(struct gbench *b, double seconds) {
  guarded([&] { unwrap(b)->MinWarmUpTime(seconds); });
}
void gbench_iterations(struct gbench *b, int64_t count) {
  guarded([&] { unwrap(b)->Iterations(count); });
}
void gbench_repetitions(struct gbench *b, int count) {
  guarded([&] { unwrap(b)->Repetitions(count); });
}
void gbench_report_aggregates_only(struct gbench *b, bool value) {
  guarded([&] { unwrap(b)->ReportAggregatesOnly(value); });
}
void gbench_display_aggregates_only(struct gbench *b, bool value) {
  guarded([&] { unwrap(b)->DisplayAggregatesOnly(value); });
}
void gbench_measure_process_cpu_time(struct gbench *b) {
  guarded([&] { unwrap(b)->MeasureProcessCPUTime(); });
}
void gbench_use_real_time(struct gbench *b) {
  guarded([&] { unwrap(b)->UseRealTime(); });
}
void gbench_use_manual_time(struct gbench *b) {
  guarded([&] { unwrap(b)->UseManualTime(); });
}
void gbench_threads(struct gbench *b, int count) {
  guarded([&] { unwrap(b)->Threads(count); });
}
void gbench_thread_range(struct gbench *b, int min, int max) {
  guarded([&] { unwrap(b)->ThreadRange(min, max); });
}
void gbench_dense_thread_range(struct gbench *b, int min, int max, int stride) {
  guarded([&] { unwrap(b)->DenseThreadRange(min, max, stride); });
}
void gbench_thread_per_cpu(struct gbench *b) {
  guarded([&] { unwrap(b)->ThreadPerCpu(); });
}
void gbench_setup(struct gbench *b, gbench_callback *callback, void *user) {
  guarded([&] { unwrap(b)->Setup(StateTrampolines::take(callback, user)); });
}
void gbench_teardown(struct gbench *b, gbench_callback *callback, void *user) {
  guarded([&] { unwrap(b)->Teardown(StateTrampolines::take(callback, user)); });
}

void gbench_complexity(struct gbench *b, enum gbench_complexity complexity) {
  static const benchmark::BigO library[] = {benchmark::oNone,     benchmark::o1,      benchmark::oN,
                                            benchmark::oNSquared, benchmark::oNCubed, benchmark::oLogN,
                                            benchmark::oNLogN,    benchmark::oAuto};
  guarded([&] { unwrap(b)->Complexity(library[complexity]); });
}
void gbench_complexity_function(struct gbench *b, double (*f)(int64_t n, void *user), void *user) {
  guarded([&] { unwrap(b)->Complexity(ComplexityTrampolines::take(f, user)); });
}
void gbench_compute_statistics(struct gbench *b, const char *name,
                               double (*f)(const double *values, size_t count, void *user), void *user) {
  guarded([&] { unwrap(b)->ComputeStatistics(name, StatisticsTrampolines::take(f, user)); });
}

/* ---- one run ---- */

bool gbench_keep_running(struct gbench_state *state) {
  return guarded([&] { return unwrap(state)->KeepRunning(); });
}
bool gbench_keep_running_batch(struct gbench_state *state, int64_t count) {
  return guarded([&] { return unwrap(state)->KeepRunningBatch(count); });
}
void gbench_pause_timing(struct gbench_state *state) {
  guarded([&] { unwrap(state)->PauseTiming(); });
}
void gbench_resume_timing(struct gbench_state *state) {
  guarded([&] { unwrap(state)->ResumeTiming(); });
}
void gbench_set_iteration_time(struct gbench_state *state, double seconds) {
  guarded([&] { unwrap(state)->SetIterationTime(seconds); });
}
void gbench_skip_with_error(struct gbench_state *state, const char *message) {
  guarded([&] { unwrap(state)->SkipWithError(message); });
}
bool gbench_error_occurred(const struct gbench_state *state) { return unwrap(state)->error_occurred(); }
int64_t gbench_argument(const struct gbench_state *state, size_t index) { return unwrap(state)->range(index); }
int gbench_thread_count(const struct gbench_state *state) { return unwrap(state)->threads(); }
int gbench_thread_index(const struct gbench_state *state) { return unwrap(state)->thread_index(); }
int64_t gbench_iteration_count(const struct gbench_state *state) { return unwrap(state)->iterations(); }
void gbench_set_label(struct gbench_state *state, const char *label) {
  guarded([&] { unwrap(state)->SetLabel(label); });
}
void gbench_set_items_processed(struct gbench_state *state, int64_t items) {
  guarded([&] { unwrap(state)->SetItemsProcessed(items); });
}
void gbench_set_bytes_processed(struct gbench_state *state, int64_t bytes) {
  guarded([&] { unwrap(state)->SetBytesProcessed(bytes); });
}
void gbench_set_complexity_n(struct gbench_state *state, int64_t n) {
  guarded([&] { unwrap(state)->SetComplexityN(n); });
}

void gbench_counter(struct gbench_state *state, const char *name, double value, unsigned flags) {
  using benchmark::Counter;
  static const struct {
    unsigned flag;
    Counter::Flags library;
  } known[] = {{GBENCH_COUNTER_RATE, Counter::kIsRate},
               {GBENCH_COUNTER_AVG_THREADS, Counter::kAvgThreads},
               {GBENCH_COUNTER_ITERATION_INVARIANT, Counter::kIsIterationInvariant},
               {GBENCH_COUNTER_AVG_ITERATIONS, Counter::kAvgIterations},
               {GBENCH_COUNTER_INVERT, Counter::kInvert}};
  guarded([&] {
    int library_flags = 0;
    for (const auto &entry : known)
      if (flags & entry.flag)
        library_flags |= entry.library;
    unwrap(state)->counters[name] = Counter(value, static_cast<Counter::Flags>(library_flags),
                                            flags & GBENCH_COUNTER_1024 ? Counter::kIs1024 : Counter::kIs1000);
  });
}
