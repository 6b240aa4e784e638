#!/bin/sh
# instrumentation.sh -- what measuring costs: paired runs with and without it, over several layouts of the binary.
#
# Each seed is a build with another link order.  In it, pairs of runs are made at once, one on each of two processors:
# one measured as always, one with --no-instrumentation; then both again with the processors exchanged.  What else the
# machine does, and its clock, so meets both alike: on a virtual machine the ratio of two runs, one after the other,
# spread four times as wide.  The mean of the two logarithms is one value; their median is that seed's value, and the
# interval is Student's over seeds.  Wall time decides, of one mutator whose processor is its own and its collector's;
# beside it stand CPU time, and what gclab itself reckons from counts and unit costs (quality.instrumentation_ns).
# Exit 0 if no interval of wall time reaches beyond LIMIT, 1 if one does, 2 for wrong usage, 3 if a build or a run
# fails, or if there are not two processors.
#
# Usage: bench/instrumentation.sh [SEEDS [PAIRS]]      10 seeds (2 to 20) and 30 exchanged pairs of each, unless given
# Environment: COLLECTORS="satb generational marksweep"  WORKLOAD=gcbench  HEAP=64M  LIMIT=1.01
# Needs the product's packages, and a machine that does nothing else: about twenty minutes.
set -eu
seeds=${1:-10} pairs=${2:-30}
collectors=${COLLECTORS:-satb generational marksweep} workload=${WORKLOAD:-gcbench}
heap=${HEAP:-64M} limit=${LIMIT:-1.01}
case $seeds$pairs in *[!0-9]*) seeds=0 ;; esac
if [ "$seeds" -lt 2 ] || [ "$seeds" -gt 20 ] || [ "$pairs" -lt 1 ]; then
  echo "instrumentation.sh: it takes from 2 to 20 seeds and at least 1 pair, such as: bench/instrumentation.sh 5 15" >&2
  exit 2
fi
# The processors that this shell may use: "0-3,8" becomes words.
processors=$(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r first last; do
  seq "$first" "${last:-$first}"
done)
first=$(echo "$processors" | sed -n 1p) second=$(echo "$processors" | sed -n 2p)
[ "$second" ] || { echo "instrumentation.sh: two processors are needed, and this shell may use one" >&2; exit 3; }
cd "$(dirname "$0")/.."
folder=build/instrumentation
mkdir -p $folder
ratios=$folder/ratios.txt
: >$ratios

build() { # SEED
  cmake --preset bench -B $folder/build -DGC_LINK_SEED="$1" -DGC_WORKLOADS="$workload" \
    -DGC_COLLECTORS="$(echo "$collectors" | tr ' ' ';')" >$folder/log 2>&1 &&
    cmake --build $folder/build -j 2 >>$folder/log 2>&1 || { tail -n 20 $folder/log >&2; exit 3; }
}

# Leaves wall, CPU and instrumentation ns of one run's only iteration in a file.
measure() { # FILE PROCESSOR COLLECTOR OPTION…
  file=$folder/$1 processor=$2 collector=$3
  shift 3
  taskset -c "$processor" $folder/build/gclab run -c "$collector" -w "$workload" --heap "$heap" -t 1 --gc-threads 1 \
    -n 1 -i 1 --json -o $folder/results "$@" 2>"$file.log" | tr ',{}' '\n' | tr -d ' "' | awk -F: '
      $1 == "status" && $2 != "ok" { failed = 1 }
      $1 == "wall_ns" || $1 == "task_clock_ns" || $1 == "instrumentation_ns" { if (!($1 in seen)) seen[$1] = $2 }
      END {
        if (failed || !seen["wall_ns"]) exit 1
        print seen["wall_ns"], seen["task_clock_ns"], seen["instrumentation_ns"] + 0
      }' >"$file" || {
    echo "instrumentation.sh: $collector did not complete $workload in $heap" >&2
    cat "$file.log" >&2
    exit 3
  }
}

pair() { # SEED COLLECTOR
  measure on.1 "$first" "$2" & on=$!
  measure off.1 "$second" "$2" --no-instrumentation & off=$!
  wait $on && wait $off || exit 3
  measure off.2 "$first" "$2" --no-instrumentation & off=$!
  measure on.2 "$second" "$2" & on=$!
  wait $on && wait $off || exit 3
  echo "$2 $1 $(cat $folder/on.1 $folder/off.1 $folder/on.2 $folder/off.2 | tr '\n' ' ')" >>$ratios
}

for seed in $(seq 1 "$seeds"); do
  build "$seed"
  for _ in $(seq 1 "$pairs"); do
    for collector in $collectors; do
      pair "$seed" "$collector"
    done
  done
  echo "seed $seed of $seeds is done" >&2
done

# Student's t for 97.5 %, by degrees of freedom.
awk -v limit="$limit" '
  BEGIN {
    split("12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 2.201 2.179 2.160 2.145 2.131 2.120 2.110 " \
          "2.101 2.093", t, " ")
  }
  {
    if (!($1 in known)) { known[$1]; names[++count] = $1 }
    if (!(($1, $2) in pairs)) seeds_of[$1] = seeds_of[$1] " " $2
    n = ++pairs[$1, $2]
    value[$1, $2, "wall", n] = (log($3 / $6) + log($9 / $12)) / 2
    value[$1, $2, "cpu", n] = (log($4 / $7) + log($10 / $13)) / 2
    reckoned[$1, "wall"] += ($5 / $6 + $11 / $12) / 2
    reckoned[$1, "cpu"] += ($5 / $7 + $11 / $13) / 2
    all[$1]++
  }
  function median(name, seed, what,    n, i, j, sorted, held) {
    n = pairs[name, seed]
    for (i = 1; i <= n; i++) {
      held = value[name, seed, what, i]
      for (j = i; j > 1 && sorted[j - 1] > held; j--) sorted[j] = sorted[j - 1]
      sorted[j] = held
    }
    return (sorted[int((n + 1) / 2)] + sorted[int(n / 2) + 1]) / 2
  }
  function show(name, what,    seeds, n, i, mean, squares, half, high) {
    n = split(seeds_of[name], seeds, " ")
    for (i = 1; i <= n; i++) mean += median(name, seeds[i], what) / n
    for (i = 1; i <= n; i++) squares += (median(name, seeds[i], what) - mean) ^ 2
    half = t[n - 1] * sqrt(squares / (n - 1) / n)
    high = exp(mean + half)
    printf "%-14s %-5s %8.4f   %6.4f to %6.4f   %9.4f   %s\n", name, what, exp(mean), exp(mean - half), high,
           1 + reckoned[name, what] / all[name], what == "cpu" ? "" : high <= limit ? "ok" : "ABOVE " limit
    if (what == "wall" && high > limit) above = 1
  }
  END {
    print "collector      time     ratio   95 % interval      reckoned"
    for (i = 1; i <= count; i++) { show(names[i], "wall"); show(names[i], "cpu") }
    exit above
  }' $ratios
