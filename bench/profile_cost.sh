#!/bin/sh
# profile_cost.sh -- what `gclab run --profile` costs at its default sampling: paired runs with and without it.
#
# Two runs are made at once, one on each of two processors, then both again with the processors exchanged, so that what
# else the machine does meets both alike.  The mean of the two logarithms of their ratios of wall time is one sample;
# the interval is Student's over the samples.  One mutator, whose processor is its own and its collector's; one
# iteration, so that finding the lines, which comes after it, is not in it.
# Exit 0 if no interval reaches beyond LIMIT, 1 if one does, 2 for wrong usage, 3 if a run fails, or if there are not
# two processors.
#
# Usage: bench/profile_cost.sh [PAIRS]      12 (5 to 100) exchanged pairs of each collector, unless given
# Environment: GCLAB=build/gclab  COLLECTORS="satb generational marksweep refcount"  WORKLOAD=gcbench  HEAP=64M
#              LIMIT=1.05
# Needs a machine that does nothing else: about two minutes.
set -eu
pairs=${1:-12}
collectors=${COLLECTORS:-satb generational marksweep refcount} workload=${WORKLOAD:-gcbench}
heap=${HEAP:-64M} limit=${LIMIT:-1.05}
case $pairs in *[!0-9]*) pairs=0 ;; esac
if [ "$pairs" -lt 5 ] || [ "$pairs" -gt 100 ]; then
  echo "profile_cost.sh: it takes from 5 to 100 pairs, such as: bench/profile_cost.sh 20" >&2
  exit 2
fi
# The processors that this shell may use: "0-3,8" becomes words.
processors=$(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r first last; do
  seq "$first" "${last:-$first}"
done)
first=$(echo "$processors" | sed -n 1p) second=$(echo "$processors" | sed -n 2p)
[ "$second" ] || { echo "profile_cost.sh: two processors are needed, and this shell may use one" >&2; exit 3; }
gclab=${GCLAB:-$(dirname "$0")/../build/gclab}
[ -x "$gclab" ] || { echo "profile_cost.sh: there is no $gclab; build it with: make build" >&2; exit 3; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Leaves the wall time of one run's only iteration, and how many stacks it has found, in a file.
measure() { # FILE PROCESSOR COLLECTOR OPTION…
  file=$folder/$1 processor=$2 collector=$3
  shift 3
  if taskset -c "$processor" "$gclab" run -c "$collector" -w "$workload" --heap "$heap" -t 1 --gc-threads 1 -n 1 -i 1 \
    --json -o "$file.results" "$@" >"$file.json" 2>"$file.log"; then
    wall_ns=$(tr ',{}' '\n' <"$file.json" | sed -n 's/^ *"wall_ns": *\([0-9.e+]*\)$/\1/p' | head -n 1)
    stacks=$(cat "$file.results"/run-*/inv/*/000/profile.folded 2>/dev/null | wc -l)
    rm -rf "$file.results"
    [ "$wall_ns" ] && echo "$wall_ns $stacks" >"$file" && return 0
  fi
  echo "profile_cost.sh: $collector did not complete $workload in $heap" >&2
  cat "$file.log" >&2
  exit 3
}

pair() { # COLLECTOR
  measure with.1 "$first" "$1" --profile & one=$!
  measure without.1 "$second" "$1" & other=$!
  wait $one && wait $other || exit 3
  measure without.2 "$first" "$1" & one=$!
  measure with.2 "$second" "$1" --profile & other=$!
  wait $one && wait $other || exit 3
  echo "$1 $(cat "$folder/with.1" "$folder/without.1" "$folder/with.2" "$folder/without.2" | tr '\n' ' ')" \
    >>"$folder/pairs"
}

for _ in $(seq 1 "$pairs"); do
  for collector in $collectors; do
    pair "$collector"
  done
done

# Student's t for 97.5 %, by its usual expansion around the normal quantile: within 0.01 from 4 degrees of freedom on.
awk -v limit="$limit" '
  function student(n,    z) {
    z = 1.959964
    return z + (z ^ 3 + z) / (4 * n) + (5 * z ^ 5 + 16 * z ^ 3 + 3 * z) / (96 * n ^ 2) + \
      (3 * z ^ 7 + 19 * z ^ 5 + 17 * z ^ 3 - 15 * z) / (384 * n ^ 3)
  }
  {
    if (!($1 in count)) names[++found] = $1
    n = ++count[$1]
    value[$1, n] = (log($2 / $4) + log($6 / $8)) / 2
    stacks[$1] = $3
  }
  END {
    print "collector      ratio    95 % interval      stacks"
    for (i = 1; i <= found; i++) {
      name = names[i]
      n = count[name]
      mean = squares = 0
      for (j = 1; j <= n; j++) mean += value[name, j] / n
      for (j = 1; j <= n; j++) squares += (value[name, j] - mean) ^ 2
      half = student(n - 1) * sqrt(squares / (n - 1) / n)
      high = exp(mean + half)
      printf "%-12s %7.4f   %6.4f to %6.4f   %6d   %s\n", name, exp(mean), exp(mean - half), high, stacks[name],
             high <= limit ? "ok" : "ABOVE " limit
      if (high > limit || stacks[name] == 0) above = 1
    }
    exit above
  }' "$folder/pairs"
