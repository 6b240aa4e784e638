#!/bin/sh
# counting.sh -- a counting build counts what mutators do exactly, and its records say what build they come from.
#
# The workload `list` does work whose every operation can be told from its source: with `nodes` nodes of which every
# tenth is replaced, n threads allocate nodes + nodes/10 + n objects, initialize a field in each, store nodes/10 + n
# references (n of them globals) and load what they walk over.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$root"

cmake --preset counting -B "$scratch/build" -DGC_COLLECTORS="satb;refcount" -DGC_WORKLOADS=list >"$scratch/log" ||
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
[ $failed -eq 0 ] && echo "operations counted exactly, under two collectors, on one thread and on two"
