#!/bin/sh
# includes.sh -- reads every #include "…" line and fails on each arrow that runs against the layers.
#
#   workloads ──► gc.h ──► plan.h ──► runtime;   collectors ──► their own plan.h and any mechanism;
#   bench ──► runtime, never a plan (bench/micro is compiled per plan, as workloads are);
#   runtime, low to high:  base ◄ os ◄ stats ◄ object ◄ heap ◄ mutator ◄ barrier ◄ trace ◄ cycle ◄ verify ◄ tools;
#   verify, the oracle, includes nothing of trace.
#
# It then plants forbidden arrows in a scratch tree and expects each one to be caught.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

# Prints the forbidden arrows of the tree in $1, and how many arrows it read.  Fails if there are any, or no arrows.
check_tree() {
  (cd "$1" && find runtime collectors workloads bench tests -name '*.[ch]' -o -name '*.cc' | sort |
    xargs grep -Hn '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' /dev/null) | awk -F: -v tree="$1" '
    BEGIN {
      count = split("base os stats object heap mutator barrier trace cycle", layers, " ")
      for (i = 1; i <= count; i++)
        rank[layers[i]] = i
      # The headers of runtime/ itself, by the highest layer that they stand on.
      rank["collector.h"] = rank["gc_checked.h"] = rank["gc_bare.h"] = rank["gc_control.h"] = rank["mutator"] + 0.5
      rank["plan.h"] = rank["plan_default.h"] = rank["mutator"] + 0.5
      rank["verify"] = rank["cycle"] + 0.5
      rank["tools"] = rank["cycle"] + 0.75
      rank["gc_tools.h"] = rank["gc_usage.h"] = rank["object"] + 0.5
      rank["workload.h"] = rank["workload.c"] = rank["registry.h"] = rank["registry.c"] = rank["cycle"] + 1
      rank["gc.h"] = rank["cycle"] + 2
      rank["gc_exit.h"] = rank["gc_weak_table.h"] = rank["gc.h"] + 1
      rank["gc_weak_keys.h"] = rank["gc.h"] + 2
    }

    # Why `from` must not include `to`; empty if it may.
    function objection(from, to,   f, t, n, m) {
      n = split(from, f, "/")
      m = split(to, t, "/")
      if (system("test -e \"" tree "/" to "\"") != 0)
        return to ~ /^[a-z]+_list\.h$/ && f[1] == "tests" ? "" : "is not a path from the top of the tree"
      if (f[1] == "runtime") {
        if (t[1] != "runtime")
          return "the runtime knows nothing outside itself"
        if (!(f[2] in rank) || !(t[2] in rank))
          return "a part of runtime/ that has no layer"
        if (f[2] == "verify" && t[2] == "trace")
          return "the oracle shares nothing with the marker"
        if (f[2] == "cycle" && t[2] == "verify")
          return ""  # the driver calls the oracle
        if (rank[t[2]] > rank[f[2]])
          return t[2] " stands above " f[2]
      } else if (f[1] == "collectors") {
        if (t[1] == "collectors" && t[2] != f[2])
          return "a collector never includes another"
        if (t[1] != "collectors" && t[1] != "runtime")
          return "a collector includes mechanisms only"
        if (t[2] == "workload.h" || t[2] == "registry.h")
          return "a collector never sees a workload"
      } else if (f[1] == "workloads") {
        if (t[1] != "workloads" &&
            to !~ /^runtime\/((gc|workload|gc_tools|gc_usage|gc_weak_table|gc_weak_keys|os\/clock)\.h$|base\/|stats\/)/)
          return "a workload sees gc.h, workload.h, the clock and what has no state"
      } else if (f[1] == "bench") {
        if (t[1] == "collectors" || t[1] == "workloads" || t[1] == "tests")
          return "bench finds everything through the registry"
        if (f[2] != "micro" && from !~ /^bench\/vectors\/player(\.c|_[a-z]+\.[ch])$/ &&
            to ~ /^runtime\/(gc|plan|plan_default|gc_checked)\.h$/)
          return "only what is compiled per plan includes a plan"
      }
      return ""
    }

    {
      split($3, quoted, "\"")
      arrows++
      why = objection($1, quoted[2])
      if (why != "") {
        printf "%s:%s: includes %s: %s\n", $1, $2, quoted[2], why
        bad++
      }
    }
    END {
      printf "%d arrows read, %d forbidden\n", arrows, bad
      exit arrows == 0 || bad > 0
    }'
}

check_tree "$root"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for folder in runtime/base runtime/os runtime/heap runtime/trace runtime/cycle runtime/verify runtime/tools \
  collectors/a collectors/b workloads bench/micro tests; do
  mkdir -p "$scratch/$folder"
  : >"$scratch/$folder/x.h"
done
: >"$scratch/runtime/gc.h"
: >"$scratch/collectors/a/plan.h"

# Expects the arrow $1 -> $2 to be caught.
forbid() {
  printf '#include "%s"\n' "$2" >"$scratch/$1"
  if check_tree "$scratch" >/dev/null; then
    echo "the planted arrow $1 -> $2 was not caught"
    exit 1
  fi
  : >"$scratch/$1"
}
forbid runtime/base/x.h runtime/os/x.h
forbid runtime/heap/x.h runtime/cycle/x.h
forbid runtime/trace/x.h runtime/gc.h
forbid runtime/verify/x.h runtime/trace/x.h
forbid runtime/verify/x.h runtime/tools/x.h
forbid runtime/cycle/x.h runtime/tools/x.h
forbid runtime/cycle/x.h collectors/a/x.h
forbid collectors/a/x.h collectors/b/x.h
forbid collectors/a/x.h workloads/x.h
forbid workloads/x.h runtime/heap/x.h
forbid bench/x.h collectors/a/plan.h
forbid bench/x.h runtime/gc.h
forbid runtime/heap/x.h x.h
echo "13 planted arrows caught"
