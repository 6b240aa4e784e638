#!/bin/sh
# bits.sh -- no C operator touches the `.bits` of a reference outside the runtime and the plans.
#
# An operator on a gc_field would be a sequentially consistent access that no plan sees: a forgotten barrier.
# Two readings: no workload, benchmark or contract names `.bits` at all; and clang finds no operator on any
# atomic in the runtime, the plans and the workloads, where the order of every access is to be written out.
set -eu
cd "$(dirname "$0")/../.."

# grep exits 0 if it found something, 1 if nothing, 2 if it could not read.
status=0
grep -rnE '(\.|->)[[:space:]]*bits\>' --include='*.c' --include='*.h' --include='*.cc' \
  workloads bench tests/contract tests/stress || status=$?
if [ "$status" -ne 1 ]; then
  echo "bits.sh: a reference is opened outside the runtime and the plans (or grep failed: $status)"
  exit 1
fi

# Fails at each operator on an atomic in source $1, compiled for the plan of folder $2 if there is one.
find_operators() {
  if [ $# -eq 2 ]; then
    name=$(basename "$2")
    set -- "$1" -DGC_PLAN="$name" -DGC_PLAN_HEADER="\"$2/plan.h\"" -DGC_WORKLOAD_SYMBOL=workload
  fi
  clang-14 -std=gnu11 -D_GNU_SOURCE -I. -fsyntax-only -Wno-everything -Werror=atomic-implicit-seq-cst "$@"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '#include "runtime/object/ref.h"\nuintptr_t f(gc_field *p) { return p->bits; }\n' >"$scratch/planted.c"
if find_operators "$scratch/planted.c" 2>/dev/null; then
  echo "bits.sh: a planted operator was not found"
  exit 1
fi

count=0
for source in $(find runtime -name '*.c') collectors/*/*.c tests/plans/*/*.c workloads/*.c; do
  case $source in
  *\**) continue ;; # a pattern that matched nothing
  runtime/*) find_operators "$source" ;;
  workloads/*) find_operators "$source" collectors/epsilon ;;
  *) find_operators "$source" "$(dirname "$source")" ;;
  esac
  count=$((count + 1))
done
echo "$count sources read, no operator on an atomic"
[ "$count" -gt 0 ]
