#!/bin/sh
# instrumentation.sh -- what measuring costs: iterations with and without it, over several layouts of the binary.
#
# Each seed is a build with another link order.  In it, on each of two processors, one process measures every second
# iteration (--instrumentation=alternate): of two that follow each other one is measured, by lot which, and the other
# times itself and nothing else.  Both run in the same pages of one process, so that where memory lies is in no ratio.
# The two processes run side by side and draw opposite lots: what else the machine does, and its clock, meets a measured
# iteration of one and an unmeasured one of the other alike.  The mean of both logarithms is one value; their median is
# that seed's value, and the interval is Student's over seeds.  Wall time decides, of one mutator whose processor is its
# own and its collector's; beside it stand CPU time, what gclab itself reckons from counts and unit costs
# (quality.instrumentation_ns), and the ratio of how many cycles there were.  A concurrent collector shares its
# processor with the mutator here, so it is the scheduler who decides which of them goes on when a cycle is asked for,
# and microseconds may turn that: where satb is measured it has some three cycles in a hundred fewer, and takes less
# time for that.
# Exit 0 if no interval of wall time reaches beyond LIMIT, 1 if one does, 2 for wrong usage, 3 if a build or a run
# fails, or if there are not two processors.
#
# Usage: bench/instrumentation.sh [SEEDS [PAIRS]]      10 seeds (2 to 20) and 30 pairs on each processor, unless given
# Environment: COLLECTORS="satb generational marksweep"  WORKLOAD=gcbench  HEAP=64M  LIMIT=1.01
# Needs the product's packages, and a machine that does nothing else: about ten minutes.
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

# A line for each pair: collector, seed, wall and CPU ns with and without measuring, the process's reckoned share, and
# cycles with and without.
measure() { # SEED PROCESSOR COLLECTOR LOTS
  run=$folder/results.$2
  rm -rf "$run"
  taskset -c "$2" $folder/build/gclab run -c "$3" -w "$workload" --heap "$heap" -t 1 --gc-threads 1 -n 1 \
    --warmup 2 -i $((2 * pairs + 2)) --seed "$4" --instrumentation=alternate -o "$run" >"$run.log" 2>&1 &&
    $folder/build/gclab export "$run"/run-* --format csv -o "$run.csv" >>"$run.log" 2>&1 || {
      echo "instrumentation.sh: $3 did not complete $workload in $heap" >&2
      cat "$run.log" >&2
      exit 3
    }
  awk -F, -v seed="$1" -v name="$3" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["warmup"] == "true" { next }
    {
      kind = $at["instrumented"] == "true" ? "on" : "off"
      wall[kind] = $at["wall_ns"]
      cpu[kind] = $at["task_clock_ns"]
      cycles[kind] = $at["gc_count_minor"] + $at["gc_count_major"]
      measured_ns += kind == "on" ? wall[kind] : 0
      reckoned_ns = $at["instrumentation_ns"]
    }
    ++rows % 2 == 0 {
      line[++pairs] = wall["on"] " " wall["off"] " " cpu["on"] " " cpu["off"]
      counted[pairs] = cycles["on"] " " cycles["off"]
    }
    END { for (i = 1; i <= pairs; i++) print name, seed, line[i], reckoned_ns / measured_ns, counted[i] }
  ' "$run.csv" >"$run.pairs"
}

for seed in $(seq 1 "$seeds"); do
  build "$seed"
  for collector in $collectors; do
    measure "$seed" "$first" "$collector" $((2 * seed)) & other=$!
    measure "$seed" "$second" "$collector" $((2 * seed + 1))
    wait $other || exit 3
    paste -d ' ' "$folder/results.$first.pairs" "$folder/results.$second.pairs" >>$ratios
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
    value[$1, $2, "wall", n] = (log($3 / $4) + log($12 / $13)) / 2
    value[$1, $2, "cpu", n] = (log($5 / $6) + log($14 / $15)) / 2
    reckoned[$1] += ($7 + $16) / 2
    cycles_on[$1] += $8 + $17
    cycles_off[$1] += $9 + $18
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
           1 + reckoned[name] / all[name], what == "cpu" ? "" : high <= limit ? "ok" : "ABOVE " limit
    if (what == "wall" && high > limit) above = 1
  }
  END {
    print "collector      time     ratio   95 % interval      reckoned"
    for (i = 1; i <= count; i++) {
      show(names[i], "wall")
      show(names[i], "cpu")
      printf "%-14s cycles %7.4f\n", names[i], cycles_on[names[i]] / cycles_off[names[i]]
    }
    exit above
  }' $ratios
