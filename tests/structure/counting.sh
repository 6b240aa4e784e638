#!/bin/sh
# counting.sh -- a counting build counts what mutators do exactly, and its records say what build they come from.
#
# The workload `list` does work whose every operation can be told from its source: with `nodes` nodes of which every
# tenth is replaced, n threads allocate nodes + nodes/10 + n objects, initialize a field in each, store nodes/10 + n
# references (n of them globals) and load what they walk over.  The card of a workload tells the same, and of
# binary_trees that of depth 9 it makes 512, 128 and 32 trees of depth 4, 6 and 8 of nodes with two references.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$root"

cmake --preset counting -B "$scratch/build" -DGC_COLLECTORS="marksweep;satb;refcount" \
  -DGC_WORKLOADS="binary_trees;list" >"$scratch/log" ||
  { cat "$scratch/log"; exit 1; }
cmake --build "$scratch/build" -j 2 >"$scratch/log" || { tail -n 40 "$scratch/log"; exit 1; }

failed=0
nodes=20000 replaced=2000
for threads in 1 2; do
  for collector in satb refcount; do
    record=$("$scratch/build/gclab" run -c $collector -w list --heap 64M -t $threads --json -o "$scratch/results" \
      -- nodes=$nodes 2>/dev/null)
    # expect NAME VALUE
    expect() {
      printf '%s\n' "$record" | grep -q "\"$1\": *$2[,}]" ||
        { echo "$collector, $threads threads: $1 is not $2: $record"; failed=1; }
    }
    expect counting true
    expect alloc_objects $((nodes + replaced + threads))
    expect init_stores $((nodes + replaced + threads))
    expect stores $((replaced + threads))
    expect swaps 0
    [ $collector = refcount ] || expect rc_increments 0
  done
done

# card WORKLOAD "part of a row"…: of the card of that workload.
card() {
  workload=$1
  shift
  "$scratch/build/gclab" nominal -w $workload -o "$scratch/results" >"$scratch/log" 2>&1 ||
    { cat "$scratch/log"; failed=1; }
  "$scratch/build/gclab" show workload $workload -o "$scratch/results" >"$scratch/card"
  for part in "$@"; do
    grep -q "$part" "$scratch/card" ||
      { echo "the card of $workload does not say $part:"; cat "$scratch/card"; failed=1; }
  done
}
stores=$(awk "BEGIN { printf \"%.3f\", ($replaced + 1) / ($nodes + $replaced + 1) }")
card list,nodes=$nodes "BSO stores per object .* $stores "
card binary_trees,depth=9 "AOA .* 24.00 " "AOS .* 24.00 " "AOL .* 24.00 " \
  "ARD .* 2.000 " "ARB .* 8.333 " "BSO .* 0.000 "
grep -q "\"alloc_objects\": *$((512 * 31 + 128 * 127 + 32 * 511))[,}]" "$scratch"/results/nominal/*/records.jsonl ||
  { echo "the objects of binary_trees are not counted exactly"; failed=1; }
[ $failed -eq 0 ] && echo "operations counted exactly, under two collectors, on one thread and on two"
