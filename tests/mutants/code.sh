#!/bin/sh
# code.sh -- a mutant counts only if it changes the machine code.
#
# For each row of runtime/base/mutants.def: the file that the row names holds the fault; a source that holds or includes
# that file is compiled with the fault as the constant 1, and as 0, and the two must not have the same code.  A fence
# may: x86 keeps most orders anyway, and `gclab mutants` has ThreadSanitizer or a model kill it.
# Usage: code.sh SOURCE_FOLDER [NAME…]
set -eu
cd "$1"
shift
chosen=" $* "
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints `name kind plan file` for each row.
rows() {
  tr '\n' ' ' <runtime/base/mutants.def | grep -o 'GC_MUTANT_ROW([^()]*"[^"]*")' |
    sed 's/GC_MUTANT_ROW(\([a-z_]*\), *\([A-Z]*\), *"\([a-z_]*\)[^"]*", *"\([^"]*\)".*/\1 \2 \3 \4/'
}

# The source to compile for file $1 under plan $2: itself, or one whose code needs what the header holds.
source_for() {
  case $1 in
  *.c) echo "$1" ;;
  runtime/object/forward.h | runtime/trace/final.h | runtime/trace/weak.h | runtime/trace/roots.h | \
    runtime/trace/closure.h | runtime/object/scan.h)
    [ "$2" = generational ] && echo collectors/generational/copy.c || echo runtime/cycle/mark.c ;;
  runtime/barrier/rc.h) echo collectors/refcount/death.c ;;
  runtime/barrier/biased.h) echo tests/runtime/barrier/test_biased.c ;;
  runtime/barrier/satb.h) echo workloads/weak_cache.c ;;
  *) echo workloads/relay.c ;;
  esac
}

# Compiles $1 for plan $2 with fault $3 as the constant 1 and prints the code.
code_of() {
  gcc -std=gnu11 -O2 -D_GNU_SOURCE -I. -DGC_CHAOS_ENABLED=0 -DGC_CHECK_LEVEL=0 -DGC_MUTANT_CONSTANT="$3" \
    -DGC_CHECKED="$4" -DGC_PLAN="$2" -DGC_PLAN_HEADER="\"collectors/$2/plan.h\"" -DGC_WORKLOAD_SYMBOL=workload \
    $(pkg-config --cflags hwloc liburcu-qsbr liburcu-cds) -c -o "$scratch/mutant.o" "$1"
  objdump -d --no-show-raw-insn "$scratch/mutant.o" | tail -n +4
}

rows >"$scratch/rows"
count=0 same=0 failed=0
while read -r name kind plan file; do
  case $chosen in
  "  " | *" $name "*) ;;
  *) continue ;;
  esac
  count=$((count + 1))
  if ! grep -q "GC_MUTANT($name)" "$file"; then
    echo "$name: $file does not hold it"
    failed=1
    continue
  fi
  source=$(source_for "$file" "$plan")
  case $name in checked_*) checked=1 ;; *) checked=0 ;; esac
  ordinary=$scratch/$(echo "$source $plan $checked" | tr '/ ' '__')
  [ -f "$ordinary" ] || code_of "$source" "$plan" none "$checked" >"$ordinary"
  code_of "$source" "$plan" "$name" "$checked" >"$scratch/code"
  cmp -s "$ordinary" "$scratch/code" || continue
  same=$((same + 1))
  if [ "$kind" != FENCE ]; then
    echo "$name: the code of $source is the same without it"
    failed=1
  fi
done <"$scratch/rows"

# A fault that is nowhere must be found to change nothing, or this test sees nothing.
code_of runtime/trace/deque.c satb none 0 >"$scratch/none"
code_of runtime/trace/deque.c satb weak_not_cleared 0 >"$scratch/code"
cmp -s "$scratch/none" "$scratch/code" || { echo "code.sh: the same code was found to differ"; exit 1; }

[ "$(grep -c '^GC_MUTANT_ROW' runtime/base/mutants.def)" = "$(wc -l <"$scratch/rows")" ] ||
  { echo "code.sh: rows that it cannot read"; exit 1; }
echo "$count mutants, $same of them fences without code of their own"
[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
