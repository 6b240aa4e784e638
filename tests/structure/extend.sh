#!/bin/sh
# extend.sh -- adding a workload is one file and one line; adding a collector is one folder and one line.
#
# In a scratch copy of the tree: workloads/newcomer.c (binary_trees under a new name) and collectors/newcomer
# (epsilon, copied and renamed), one line each in CMakeLists.txt, nothing else.  Then a build of just these two,
# and one run.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cp -r "$root/CMakeLists.txt" "$root/runtime" "$root/collectors" "$root/workloads" "$root/bench" "$scratch"
mkdir -p "$scratch/tests" && cp -r "$root/tests/vectors" "$scratch/tests"
cd "$scratch"

sed 's/\.name = "binary_trees"/.name = "newcomer"/' workloads/binary_trees.c >workloads/newcomer.c
cp -r collectors/epsilon collectors/newcomer
mv collectors/newcomer/epsilon.c collectors/newcomer/newcomer.c
sed -i 's/epsilon/newcomer/g; s/EPSILON/NEWCOMER/g' collectors/newcomer/*
sed -i 's/^gc_add_collector(epsilon)$/&\ngc_add_collector(newcomer)/
        s/^gc_add_workload(binary_trees)$/&\ngc_add_workload(newcomer)/' CMakeLists.txt

# Nothing else has changed.
changes=$(
  for folder in runtime bench collectors workloads; do
    diff -rq "$root/$folder" $folder || true
  done
  diff "$root/CMakeLists.txt" CMakeLists.txt | grep '^[<>]'
)
expected="Only in collectors: newcomer
Only in workloads: newcomer.c
> gc_add_collector(newcomer)
> gc_add_workload(newcomer)"
if [ "$changes" != "$expected" ]; then
  printf 'extend.sh: expected two additions and two lines, got:\n%s\n' "$changes"
  exit 1
fi

# ccache, where there is one, may answer for the files that have not changed.
export CCACHE_BASEDIR="$scratch" CCACHE_NOHASHDIR=1
cmake -G Ninja -B build -DGC_COLLECTORS=newcomer -DGC_WORKLOADS=newcomer >cmake.log || { cat cmake.log; exit 1; }
cmake --build build -j 2 >build.log || { tail -n 40 build.log; exit 1; }

run="build/gclab run -c newcomer -w newcomer --heap 64M -t 2 -n 1 --json -- depth=8"
record=$($run)
printf '%s\n' "$record" | grep -q '"status": *"ok"' || { printf '%s: %s\n' "$run" "$record"; exit 1; }
echo "the new collector ran the new workload"
