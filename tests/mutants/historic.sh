#!/bin/sh
# historic.sh -- bugs that real collectors have had, and whether `gclab explore` would have found them.
#
# For each row of runtime/base/mutants.def that is HISTORIC: 20 blocks of consecutive seeds, counted from 1, so chosen
# by nobody.  Without the bug no schedule of them fails.  With it at least half of the blocks must hold one that does;
# the first of each block is then replayed twice, and must fail in the same words both times.  Prints a line of JSON for
# each bug.
# Usage: historic.sh BUILD_FOLDER [NAME…]      BUILD_FOLDER: of the preset `mutants`
set -eu
build=$(cd "$1" && pwd)
shift
chosen=" $* "
sources=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
blocks=20

# bug, seeds in a block, collector, workload, other options
bugs='
deque_last_by_load          50 marksweep relay
grace_unannounced           10 refcount  graph_mutate
satb_unarmed_scan          200 satb      relay,steps=200,laps=2,collect=20,leaves=0,slots=1 --schedule-depth 100
satb_weak_load_unshaded     20 satb      weak_cache
satb_detach_drops_buffer    30 satb      relay
header_write_covers_others  30 refcount  relay,steps=200,laps=2,collect=20,leaves=0,slots=1
'

# explore SEEDS FIRST_SEED [OPTION…]: the row's collector and workload.
explore() {
  count=$1 first=$2
  shift 2
  "$build/gclab" explore -c "$collector" -w "$workload" $options --heap 8M -t 3 --gc-threads 2 --seeds "$count" \
    --first-seed "$first" --until-failure --timeout 20 --json -o "$scratch" "$@"
}

# What a run said of its failure; addresses and all.
reason_of() { sed -n 's/.*"outcome":{[^}]*"reason":"\([^"]*\)".*/\1/p' "$1"; }

# Runs the command of record $1 twice; true if both fail in the same words.
replays() {
  command=$(sed -n 's/.*"replay":"\([^"]*\)".*/\1/p' "$1")
  for time in first second; do
    $command --json -o "$scratch" >"$scratch/$time" 2>/dev/null && return 1
  done
  [ -n "$(reason_of "$scratch/first")" ] && [ "$(reason_of "$scratch/first")" = "$(reason_of "$scratch/second")" ]
}

failed=0 tried=0
for bug in $(sed -n 's/^GC_MUTANT_ROW(\([a-z_]*\), HISTORIC.*/\1/p' "$sources/runtime/base/mutants.def"); do
  case $chosen in
  "  " | *" $bug "*) ;;
  *) continue ;;
  esac
  row=$(echo "$bugs" | grep "^$bug ") || { echo "historic.sh: no seeds are given for $bug" >&2; exit 1; }
  read -r _ seeds collector workload options <<END
$row
END
  if ! explore "$((blocks * seeds))" 1 >"$scratch/record" 2>"$scratch/said"; then
    echo "historic.sh: fails without $bug, too:" >&2
    cat "$scratch/said" >&2
    exit 1
  fi
  found=0 replayed=0 block=0
  while [ "$block" -lt "$blocks" ]; do
    if explore "$seeds" $((block * seeds + 1)) --mutant "$bug" >"$scratch/record" 2>"$scratch/said"; then
      :
    elif [ "$(grep -c '"replay":"' "$scratch/record")" -eq 1 ]; then
      found=$((found + 1))
      replays "$scratch/record" && replayed=$((replayed + 1))
    else
      cat "$scratch/said" >&2
      exit 1
    fi
    block=$((block + 1))
  done
  tried=$((tried + 1))
  echo "{\"bug\":\"$bug\",\"collector\":\"$collector\",\"workload\":\"$workload\",\"options\":\"$options\"," \
    "\"seeds_per_block\":$seeds,\"blocks\":$blocks,\"blocks_found\":$found,\"blocks_replayed\":$replayed}"
  [ $((2 * found)) -ge "$blocks" ] && [ "$replayed" -eq "$found" ] || failed=1
done
[ "$failed" -eq 0 ] && [ "$tried" -gt 0 ]
