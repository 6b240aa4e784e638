#!/bin/sh
# vectors.sh -- `gclab vectors` as a user meets it, and the given vectors in CPython itself, which must answer as they
# say.  Usage: vectors.sh path/to/gclab
set -u
gclab=$1
vectors=$(cd "$(dirname "$0")/../vectors" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

# expect CODE "part of what it says" ARGUMENT…: stdout and stderr together hold the part.
expect() {
  code=$1 part=$2
  shift 2
  "$gclab" vectors "$@" >said 2>&1 </dev/null
  got=$?
  if [ $got -ne "$code" ] || ! grep -qF -- "$part" said; then
    echo "gclab vectors $*: exit $got instead of $code, or did not say '$part':"
    sed 's/^/    /' said
    failures=$((failures + 1))
  fi
}

# ---- wrong usage ----
expect 2 "which vectors?"
expect 2 "either files of vectors, or --random, or --checklist" --random 3 "$vectors/python.txt"
expect 2 "'nowhere.txt' cannot be read: No such file" -c cpython nowhere.txt
expect 2 "did you mean 'marksweep'?" -c marksweeep "$vectors/python.txt"
expect 2 "a whole number from 0 to" --random many
printf 'vector 1 a\norder any\nnwe a node\nend\n' >wrong.txt
expect 2 "wrong.txt:3: there is no operation 'nwe'; did you mean 'new'?" -c cpython wrong.txt

# ---- the vectors in CPython: as they say ----
for file in "$vectors"/*.txt; do
  expect 0 "cpython: $(grep -c '^vector' "$file") pass, 0 fail" -c cpython "$file"
done

# ---- the vectors and random scripts under `python`: as CPython ----
for file in "$vectors"/*.txt; do
  expect 0 "python: $(grep -c '^vector' "$file") pass, 0 fail" -c python "$file"
done
expect 0 "1000 random scripts" --random 1000

# ---- the others: what the format defines for them ----
for collector in marksweep refcount generational satb; do
  for file in "$vectors"/*.txt; do
    expect 0 ", 0 fail" -c $collector "$file"
  done
  expect 0 "$collector: 200 random scripts of seed 3" -c $collector --random 200 --seed 3
done
expect 2 "epsilon does not find cycles" -c epsilon --random 3

# ---- a wrong result, a path that leads nowhere, an interpreter that is not there ----
printf 'vector 1 a\norder any\nnew a node\nrefcount a => 2\nend\n' >false.txt
expect 1 "line 4: refcount a => 2, not 1" -c cpython false.txt
expect 1 '"expected":"2","got":"1"' -c cpython --json false.txt
expect 0 "cpython: 1 pass, 0 fail" -c cpython --against-cpython false.txt
printf 'vector 1 a\norder any\nnew a node\nrefcount a.next => 2\nend\n' >null.txt
expect 1 "next is null" -c cpython null.txt
mkdir empty
(PATH=$scratch/empty && "$gclab" vectors -c cpython false.txt) >said 2>&1
if [ $? -ne 3 ] || ! grep -qF "python3 does not start; it is in Debian's package python3" said; then
  echo "without python3: $(cat said)"
  failures=$((failures + 1))
fi

# ---- the checklist: 123 items in order; CPython answers all the vectors of it ----
"$gclab" vectors -c cpython --checklist --json >items 2>said
sed 's/{"item":\([0-9]*\),.*/\1/' items >numbers
if ! seq 123 | cmp -s - numbers || grep '"status":"fail".*"measured":"vector' items ||
  ! grep -q ' pass, .* not asked' said; then
  echo "the checklist under CPython: $(wc -l <items) items, $(cat said)"
  failures=$((failures + 1))
fi
expect 2 "either files of vectors, or --random, or --checklist" --checklist --random 3

# ---- random scripts: CPython agrees with itself, and the same seed is the same run ----
expect 0 "60 random scripts of seed 5" -c cpython --random 60 --seed 5
expect 0 '"status":"pass","seed":5,"scripts":20' -c cpython --random 20 --seed 5 --json

[ $failures -eq 0 ] && echo "all as expected"
exit $failures
