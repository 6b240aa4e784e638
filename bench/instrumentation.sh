#!/bin/sh
# instrumentation.sh -- what measuring costs: paired runs with and without it, over several layouts of the binary.
#
# For each collector: every seed is a build with another link order, in which pairs of runs (one measured as always, one
# with --no-instrumentation, the order within a pair alternating) give ratios; the median of their logarithms is that
# seed's value, so that a pair that something else disturbed counts little, and the interval is Student's over seeds.
# Both wall time and CPU time are compared; beside them stands what gclab itself reckons from counts and unit costs
# (quality.instrumentation_ns).
# Exit 0 if no interval reaches beyond LIMIT, 1 if one does, 2 for wrong usage, 3 if a build or a run fails.
#
# Usage: bench/instrumentation.sh [SEEDS [PAIRS]]      5 seeds (2 to 20) and 15 pairs, unless given
# Environment: COLLECTORS="satb generational marksweep"  WORKLOAD=gcbench  HEAP=64M  THREADS=2  LIMIT=1.01
# Needs the product's packages, and a machine that does nothing else: about five minutes.
set -eu
seeds=${1:-5} pairs=${2:-15}
collectors=${COLLECTORS:-satb generational marksweep} workload=${WORKLOAD:-gcbench}
heap=${HEAP:-64M} threads=${THREADS:-2} limit=${LIMIT:-1.01}
case $seeds$pairs in *[!0-9]*) seeds=0 ;; esac
if [ "$seeds" -lt 2 ] || [ "$seeds" -gt 20 ] || [ "$pairs" -lt 1 ]; then
  echo "instrumentation.sh: it takes from 2 to 20 seeds and at least 1 pair, such as: bench/instrumentation.sh 5 15" >&2
  exit 2
fi
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

# Prints wall, CPU and instrumentation ns of one run's only iteration.
measure() { # COLLECTOR OPTION…
  collector=$1
  shift
  $folder/build/gclab run -c "$collector" -w "$workload" --heap "$heap" -t "$threads" -n 1 -i 1 --json \
    -o $folder/results "$@" 2>$folder/log | tr ',{}' '\n' | tr -d ' "' | awk -F: '
      $1 == "status" && $2 != "ok" { failed = 1 }
      $1 == "wall_ns" || $1 == "task_clock_ns" || $1 == "instrumentation_ns" { if (!($1 in seen)) seen[$1] = $2 }
      END {
        if (failed || !seen["wall_ns"]) exit 1
        print seen["wall_ns"], seen["task_clock_ns"], seen["instrumentation_ns"] + 0
      }' || {
    echo "instrumentation.sh: $collector did not complete $workload in $heap" >&2
    cat $folder/log >&2
    exit 3
  }
}

pair() { # SEED COLLECTOR NUMBER
  if [ $(($3 % 2)) -eq 0 ]; then
    on=$(measure "$2") || exit 3
    off=$(measure "$2" --no-instrumentation) || exit 3
  else
    off=$(measure "$2" --no-instrumentation) || exit 3
    on=$(measure "$2") || exit 3
  fi
  echo "$2 $1 $on $off" >>$ratios
}

for seed in $(seq 1 "$seeds"); do
  build "$seed"
  for number in $(seq 1 "$pairs"); do
    for collector in $collectors; do
      pair "$seed" "$collector" "$number"
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
    value[$1, $2, "wall", n] = log($3 / $6)
    value[$1, $2, "cpu", n] = log($4 / $7)
    reckoned[$1, "wall"] += $5 / $6
    reckoned[$1, "cpu"] += $5 / $7
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
           1 + reckoned[name, what] / all[name], high <= limit ? "ok" : "ABOVE " limit
    if (high > limit) above = 1
  }
  END {
    print "collector      time     ratio   95 % interval      reckoned"
    for (i = 1; i <= count; i++) { show(names[i], "wall"); show(names[i], "cpu") }
    exit above
  }' $ratios
