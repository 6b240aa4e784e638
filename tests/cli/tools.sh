#!/bin/sh
# tools.sh -- gclab run --profile, --leaks and --snapshot: tables of 80 columns, files that the record names, and a
# sentence for what cannot be had.  Usage: tools.sh path/to/gclab
. "$(dirname "$0")/common.sh"

# refuse "part of the sentence" ARGUMENT…: exit 2, and nothing is run
refuse() {
  part=$1
  shift
  "$gclab" run -w binary_trees,depth=8 --heap 16M -o refused "$@" >said 2>&1
  got=$?
  check "exit 2, not $got, for $*" test $got -eq 2
  check "'$part' is said of $*" grep -qF -- "$part" said
  check "nothing is run for $*" test ! -e refused
}
refuse "write sampled or exact" -c satb --profile=some
refuse "-c checked,of=satb" -c satb --profile=exact
refuse "-i 2" -c satb --leaks
refuse "its objects lie outside the heap" -c bare --snapshot

# ---- exact: what binary_trees allocates is its trees, from one line, to the byte ----
"$gclab" run -c checked,of=generational -w binary_trees,depth=8 --heap 16M --profile=exact --snapshot \
  -o exact >out 2>err
check "an exact profile ends well" test $? -eq 0
check "the table names the line" grep -q ' binary_trees.c:[0-9]' out
folder=$(dirname exact/run-*/inv/*/000/record.json)
cat "$folder"/*.txt >tables
check "tables have 80 columns" narrow tables
for name in profile.csv profile.folded snapshot.csv; do
  check "the record names $name" grep -q "/000/$name\"" "$folder/record.json"
done
# every row: the live are no more than the allocated; all are whole objects
check "rows are consistent" awk -F, 'NR > 1 && ($7 + $9 != $5 || $8 + $10 != $6 || $9 < 0 || $5 % 8) { bad = 1 }
  END { exit NR < 2 || bad }' "$folder/profile.csv"
# the same program allocates the same bytes under every collector
sum() { awk -F, 'NR > 1 { sum += $5 } END { printf "%d", sum }' "$1"; }
"$gclab" run -c checked,of=marksweep -w binary_trees,depth=8 --heap 16M --profile=exact -o other >out 2>err
check "all collectors allocate the same" test "$(sum "$folder/profile.csv")" -eq \
  "$(sum other/run-*/inv/*/000/profile.csv)"
check "stacks and rows have the same sum" test "$(sum "$folder/profile.csv")" -eq \
  "$(awk '{ sum += $NF } END { printf "%d", sum }' "$folder/profile.folded")"

# ---- sampled: about what the allocator handed out ----
# satb hands out windows; python single blocks, most of which were just freed
for collector in satb python; do
  "$gclab" run -c $collector -w binary_trees,depth=16 --heap 64M --profile -o sampled_$collector --json >out 2>err
  check "a sampled profile of $collector ends well" test $? -eq 0
  check "with --json the table is on stderr" grep -q 'estimated from samples' err
  handed_out=$(sed -n 's/.*"alloc_bytes":\([0-9]*\).*/\1/p' out)
  told=$(sum sampled_$collector/run-*/inv/*/000/profile.csv)
  check "$collector: the estimate of all is within a third of what was handed out" \
    awk -v told="$told" -v true="$handed_out" \
    'BEGIN { exit !(true > 0 && told > true * 2 / 3 && told < true * 4 / 3) }'
done

# ---- snapshots: what is alive, what changed since the first iteration, by type and by line ----
"$gclab" run -c checked,of=marksweep -w binary_trees,depth=8 --heap 16M --profile=exact --snapshot -i 2 -o alive \
  >out 2>err
folder=$(dirname alive/run-*/inv/*/000/record.json)
check "types: the tree that stays is alive, and nothing more than after the first iteration" awk -F, '
  $1 == "type" { named = $0 == "type,bytes,objects,bytes_change,objects_change" }
  $1 == "node" { good = $3 > 0 && $2 % $3 == 0 && $4 == 0 && $5 == 0 } END { exit !(named && good) }' \
  "$folder/snapshot.csv"
column() { awk -F, -v column="$2" -v type="$3" '$1 == type { sum += $column } END { printf "%d", sum }' "$1"; }
check "lines: together they hold what their types hold" test "$(column "$folder/snapshot.csv" 2 node)" -eq \
  "$(column "$folder/snapshot_lines.csv" 3 node)"
check "lines: each row names one" test "$(grep -c 'workloads/binary_trees.c:[0-9]' "$folder/snapshot_lines.csv")" -ge 1
cat "$folder"/*.txt >tables
check "tables of changes have 80 columns" narrow tables

# ---- nothing leaks from one iteration to the next ----
"$gclab" run -c marksweep -w lru_cache --heap 64M --leaks -i 3 -o leaks >out 2>err
check "looking for leaks ends well" test $? -eq 0
check "iterations leave nothing behind" grep -q 'nothing grew' out

finish "the tools tell what they should"
