#!/bin/sh
# vectors.sh -- `gclab vectors` as a user meets it, and the given vectors in CPython itself, which must answer as they
# say.  Usage: vectors.sh path/to/gclab
. "$(dirname "$0")/common.sh"
vectors=$here/../vectors

# ---- wrong usage ----
expect 2 "which vectors?" vectors
expect 2 "either files of vectors, or --random, or --checklist" vectors --random 3 "$vectors/python.txt"
expect 2 "'nowhere.txt' cannot be read: No such file" vectors -c cpython nowhere.txt
expect 2 "did you mean 'marksweep'?" vectors -c marksweeep "$vectors/python.txt"
expect 2 "a whole number from 0 to" vectors --random many
printf 'vector 1 a\norder any\nnwe a node\nend\n' >wrong.txt
expect 2 "wrong.txt:3: there is no operation 'nwe'; did you mean 'new'?" vectors -c cpython wrong.txt

# ---- the vectors in CPython: as they say ----
for file in "$vectors"/*.txt; do
  expect 0 "cpython: $(grep -c '^vector' "$file") pass, 0 fail" vectors -c cpython "$file"
done

# ---- the vectors and random scripts under `python`: as CPython ----
for file in "$vectors"/*.txt; do
  expect 0 "python: $(grep -c '^vector' "$file") pass, 0 fail" vectors -c python "$file"
done
expect 0 "1000 random scripts" vectors --random 1000

# ---- the same without generations: what does not depend on them as CPython, the rest as the others ----
for file in "$vectors"/*.txt; do
  expect 0 "python,gc=incremental: $(grep -c '^vector' "$file") pass, 0 fail" vectors -c python,gc=incremental "$file"
done
expect 0 "400 random scripts of seed 9" vectors -c python,gc=incremental --random 400 --seed 9
expect 2 "did you mean 'gc'?" vectors -c python,gv=incremental "$vectors/python.txt"

# ---- the others: what the format defines for them ----
for collector in marksweep refcount generational satb; do
  for file in "$vectors"/*.txt; do
    expect 0 ", 0 fail" vectors -c $collector "$file"
  done
  expect 0 "$collector: 200 random scripts of seed 3" vectors -c $collector --random 200 --seed 3
done
expect 2 "epsilon does not find cycles" vectors -c epsilon --random 3

# ---- a wrong result, a path that leads nowhere, an interpreter that is not there ----
printf 'vector 1 a\norder any\nnew a node\nrefcount a => 2\nend\n' >false.txt
expect 1 "line 4: refcount a => 2, not 1" vectors -c cpython false.txt
expect 1 '"expected":"2","got":"1"' vectors -c cpython --json false.txt
expect 0 "cpython: 1 pass, 0 fail" vectors -c cpython --against-cpython false.txt
printf 'vector 1 a\norder any\nnew a node\nrefcount a.next => 2\nend\n' >null.txt
expect 1 "next is null" vectors -c cpython null.txt
mkdir empty
(PATH=$scratch/empty && "$gclab" vectors -c cpython false.txt) >said 2>&1
if [ $? -ne 3 ] || ! grep -qF "python3 does not start; it is in Debian's package python3" said; then
  complain_of_said "without python3"
fi

# ---- the checklist: 123 items in order; CPython answers all the vectors of it ----
"$gclab" vectors -c cpython --checklist --json >items 2>said
sed 's/{"item":\([0-9]*\),.*/\1/' items >numbers
if ! seq 123 | cmp -s - numbers || grep '"status":"fail".*"measured":"vector' items ||
  ! grep -q ' pass, .* not asked' said; then
  complain_of_said "the checklist under CPython has $(wc -l <items) items"
fi
expect 2 "either files of vectors, or --random, or --checklist" vectors --checklist --random 3

# ---- random scripts: CPython agrees with itself, and the same seed is the same run ----
expect 0 "60 random scripts of seed 5" vectors -c cpython --random 60 --seed 5
expect 0 '"status":"pass","seed":5,"scripts":20' vectors -c cpython --random 20 --seed 5 --json

finish "all as expected"
