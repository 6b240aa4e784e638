#!/bin/sh
# suite.sh -- `gclab suite` as a user meets it: sentences about wrong files, the plan, the order, and above all that a
# run which is killed at random moments and resumed ends with every planned invocation exactly once.
# Usage: suite.sh path/to/gclab [--seed N]
. "$(dirname "$0")/common.sh"
seed=${3:-$$}

# refuse "part" LINE…: a suite of these lines is wrong usage.
refuse() {
  part=$1
  shift
  printf '%s\n' "$@" >wrong.yaml
  expect 2 "$part" suite wrong.yaml
}

# ---- wrong files: one sentence that names file, line and key; nothing is written ----
refuse "'wrong.yaml', line 2: there is no collector 'marksweeep'; did you mean 'marksweep'?" \
  "workloads: [gcbench]" "collectors: [satb, marksweeep]"
refuse "'wrong.yaml', line 3: there is no workload 'srver'; did you mean 'server'?" \
  "collectors: [satb]" "workloads:" "  - srver"
refuse "'wrong.yaml', line 2: there is no key 'colectors'; did you mean 'collectors'?" \
  "cases:" "  - colectors: [satb]"
refuse "'wrong.yaml', line 1, key 'collectors': a list is wanted" "collectors: satb"
refuse "'wrong.yaml', line 2, key 'threads': a whole number is wanted, not 'two'" \
  "collectors: [satb]" "threads: [1, two]"
refuse "line 3: a heap cannot be '2y'" "collectors: [satb]" "workloads: [gcbench]" "heaps: [2y]"
refuse "line 3: a heap of 64K is 65536 bytes" "collectors: [satb]" "workloads: [gcbench]" "heaps: [64K]"
refuse "line 2: gcbench: there is no option 'deep'" "collectors: [satb]" "workloads: ['gcbench,deep=9']"
refuse "line 3: aslr is on, off or random, not 'maybe'" \
  "collectors: [satb]" "workloads: [gcbench]" "layout: {aslr: maybe}"
refuse "line 3: there is no binary 'elsewhere'" "collectors: [satb]" "workloads: [gcbench]" "binaries: [elsewhere]"
refuse "it names no workloads" "collectors: [satb]"
refuse "is empty" ""
refuse "did not find expected" "collectors: [satb"
expect 2 "did you mean 'quick'?" suite quik
expect 2 "which suite?" suite
check "a wrong suite leaves no folder" test ! -e results

# ---- the suites that come with gclab: each is right, and quick leaves nothing out ----
expect 0 "quick" list suites
for name in $("$gclab" list suites | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
  expect 0 "invocations = " suite "$name" --dry-run
done
"$gclab" suite quick --dry-run >plan
for kind in collector workload; do
  for name in $("$gclab" list ${kind}s | sed -n 's/^  \([a-z_]*\) .*/\1/p' | grep -v checked); do
    check "quick.yaml runs the $kind $name" grep -qw "$name" plan
  done
done

# ---- a group has whoever can run the case, and says whom it leaves out; who is named is recorded as unsupported ----
printf '%s\n' "collectors: [all]" "workloads: ['gcbench,depth=8,array=1000']" "heaps: [64M]" "threads: [1, 2]" >all.yaml
expect 0 "all.yaml leaves out python where it cannot run: one thread only; -t 2 of" suite all.yaml --dry-run
check "with one thread it is in the plan" [ "$(grep -cw 'python$' said)" -eq 1 ]
expect 0 " 0 not ok" suite all.yaml --only collector=python,collector=marksweep -o grouped
check "it is recorded once" [ "$(cat grouped/*/records.jsonl | grep -c '"status":"')" -eq 3 ]
printf '%s\n' "collectors: [python]" "workloads: [gcbench]" "heaps: [64M]" "threads: [2]" >named.yaml
expect 1 "unsupported: one thread only" suite named.yaml -o named

# ---- a small suite ----
cat >small.yaml <<'end'
label: small
collectors: [marksweep, generational, satb]
workloads: ["gcbench,depth=8,array=1000", "cycles,rounds=5"]
heaps: [16M, 24M]
threads: [1, 2]
invocations: 4
end
planned=96
expect 0 "24 cases x 4 invocations = 96" suite small.yaml --dry-run
expect 0 "2 cases x 5 invocations = 10" suite small.yaml --dry-run -n 5 \
  --only collector=satb,workload=cycles,heap=16M,threads=1,threads=2
printf '%s\n' "collectors: [satb]" "workloads: [gcbench]" "heaps: [1.5x, 2x, 4x, 2x]" >factors.yaml
expect 0 "3 cases x 1 invocations = 3" suite factors.yaml --dry-run
expect 2 "did you mean 'collector'?" suite small.yaml --only colector=satb
expect 2 "--only collector=epsilon leaves nothing" suite small.yaml --only collector=epsilon
expect 2 "write a time such as 90s, 10m or 1.5h" suite small.yaml --budget soon
check "a dry run leaves no folder" test ! -e results

# pairs FILE: key and invocation of each line, sorted; the head of a plan has none.
pairs() {
  sed -n 's/.*"key":"\([0-9a-f]*\)".*"invocation":\([0-9]*\).*/\1 \2/p' "$1" | sort
}

# complete FOLDER: every planned invocation is recorded exactly once, each line whole.
complete() {
  pairs "$1/plan.jsonl" >want
  pairs "$1/records.jsonl" >have
  [ "$(wc -l <want)" -eq $planned ] && [ "$(uniq want | wc -l)" -eq $planned ] && cmp -s want have &&
    [ "$(grep -c '^{.*}$' "$1/records.jsonl")" -eq $planned ] &&
    [ "$(grep -o '"identity":' "$1/records.jsonl" | wc -l)" -eq $planned ]
}

# ---- killed at random moments, and resumed until it is done ----
next_random() {
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
}
echo "moments of death: --seed $seed"
arguments="suite small.yaml --seed 42"
kills=0 starts=0 done=no
while [ $done = no ] && [ $starts -lt 200 ]; do
  starts=$((starts + 1))
  # shellcheck disable=SC2086 # arguments are words
  "$gclab" $arguments >out 2>err &
  gclab_pid=$!
  next_random
  sleep "$((starts / 40)).$(printf '%03d' $((100 + seed / 65536 % 400)))" # later if the machine is too busy for that
  if kill -KILL $gclab_pid 2>/dev/null; then
    kills=$((kills + 1))
  fi
  wait $gclab_pid 2>/dev/null
  [ $? -eq 0 ] && done=yes
  folder=$(echo results/small-*)
  if [ ! -e "$folder/plan.jsonl" ]; then # killed before there was anything to resume
    rm -rf results
    continue
  fi
  arguments="suite --resume $folder"
done
check "it ends in spite of $kills kills" test $done = yes
check "it was killed at least three times" test $kills -ge 3
check "every planned invocation is recorded exactly once" complete "$folder"
check "state.json says so" grep -q '"state":"done".*"recorded":96,"failed":0' "$folder/state.json"
check "the order seed is in every record" test "$(grep -c '"order_seed":42' "$folder/records.jsonl")" -eq $planned
sort "$folder/records.jsonl" >lines
sort "$folder"/inv/*/*/record.json >files
check "each record.json is its line" cmp -s lines files
for file in suite.yaml suite.resolved.yaml argv.json env.json; do
  check "$file is there" test -s "$folder/$file"
done
check "environments have many sizes" test \
  "$(grep -o '"env_padding_bytes":[0-9]*' "$folder/records.jsonl" | sort -u | wc -l)" -ge 30
check "addresses are random in some" grep -q '"aslr":"on"' "$folder/records.jsonl"
check "and fixed in others" grep -q '"aslr":"off"' "$folder/records.jsonl"
check "a round holds each case once" test \
  "$(sed -n '2,25p' "$folder/plan.jsonl" | sed 's/.*"key":"\([0-9a-f]*\)".*/\1/' | sort -u | wc -l)" -eq 24
check "rounds have different orders" test \
  "$(sed -n '2,25p' "$folder/plan.jsonl" | grep -o '"key":"[0-9a-f]*"' | cksum)" != \
  "$(sed -n '26,49p' "$folder/plan.jsonl" | grep -o '"key":"[0-9a-f]*"' | cksum)"

# ---- the same seed, the same plan ----
"$gclab" suite small.yaml --seed 42 -o again >out 2>err
check "the same seed plans the same" cmp -s "$folder/plan.jsonl" again/small-*/plan.jsonl

# ---- what a kill can leave: a line cut short, and a record without its line ----
head -c -40 "$folder/records.jsonl" >cut && cat cut >"$folder/records.jsonl"
expect 0 "96 records, 0 not ok" suite --resume "$folder"
check "a line cut short is put right" complete "$folder"

# ---- an interrupt: exit 130 and the exact command that goes on ----
"$gclab" suite small.yaml -n 400 -o stopped >out 2>err &
gclab_pid=$!
tries=0
until [ "$(cat stopped/small-*/records.jsonl 2>/dev/null | wc -l)" -ge 3 ] || [ $tries -ge 300 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
expect 3 "is being worked on by process $gclab_pid" suite --resume stopped/small-*
kill -INT $gclab_pid
wait $gclab_pid
check "an interrupt exits with 130" test $? -eq 130
resume=$(sed -n 's/^  //p' err)
check "it prints the command that goes on" test "$resume" = "$gclab suite --resume $(echo stopped/small-*)"
check "state.json says interrupted" grep -q '"state":"interrupted"' stopped/small-*/state.json

# ---- another build is refused; failures are final unless they are retried ----
sed -i '1s/"build_id":"[0-9a-f]*"/"build_id":"0123456789abcdef"/' "$folder/plan.jsonl"
expect 2 "planned with another build" suite --resume "$folder"
expect 0 "96 records, 0 not ok" suite --resume "$folder" --allow-mixed
printf '%s\n' "label: fails" "collectors: [epsilon]" "workloads: [gcbench]" "heaps: [4M]" >fails.yaml
expect 1 "1 record, 1 not ok" suite fails.yaml
expect 1 "1 record, 1 not ok" suite --resume results/fails-*
check "a failure is final" test ! -e results/fails-*/superseded.jsonl
expect 2 "did you mean 'oom'?" suite --resume results/fails-* --retry omo
expect 1 "1 record, 1 not ok" suite --resume results/fails-* --retry crash,oom
check "a retry is a second attempt" grep -q '"attempt":2' results/fails-*/records.jsonl
check "the first one is kept" grep -q '"attempt":1' results/fails-*/superseded.jsonl

# ---- a budget fixes the plan before the first run, and says what it left out ----
expect 0 "invocations of each case" suite small.yaml -n 100000 --budget 3s -o cheap
planned=$(($(wc -l <"$(echo cheap/small-*/plan.jsonl)") - 1))
check "the plan was reduced" test $planned -lt 1000000
check "and carried out" complete cheap/small-*
check "it says how" grep -q '"budget":{"budget_s":3.0,"invocations_asked":100000,' cheap/small-*/plan.jsonl

finish "a suite keeps its promises"
