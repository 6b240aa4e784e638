#!/bin/sh
# gclab.sh -- the command line as a user meets it: sentences and exit codes of wrong usage, outcomes as results,
# records that survive an interrupt.  Usage: gclab.sh path/to/gclab
. "$(dirname "$0")/common.sh"

# ---- wrong usage: exit 2, and nothing is written ----
expect 2 "what shall it do?"
expect 2 "did you mean 'run'?" rnu
expect 2 "did you mean '--heap'?" run --heaap 64M
expect 2 "has no option '-z'" run -z
expect 2 "--heap wants a value" run --heap
expect 2 "takes no option --heap" list --heap 64M
expect 2 "which collector?" run -w gcbench --heap 64M
expect 2 "which workload?" run -c marksweep --heap 64M
expect 2 "did you mean 'marksweep'?" run -c marksweeep -w gcbench --heap 64M
expect 2 "did you mean 'gcbench'?" run -c marksweep -w gcbnch --heap 64M
expect 2 "write checked,of=NAME" run -c checked -w gcbench --heap 64M
expect 2 "there is no option 'speed'" run -c generational,speed=9 -w gcbench --heap 64M
expect 2 "a whole number from 1 to 15" run -c generational,age=0 -w gcbench --heap 64M
expect 2 "a whole number from 4 to 24" run -c marksweep -w gcbench --heap 64M -- depth=99
expect 2 "a whole number from 1 to 1024" run -c marksweep -w gcbench --heap 64M -t 0
expect 2 "a whole number from 1 to" run -c marksweep -w gcbench --heap 64M -n two
expect 2 "needs at least" run -c marksweep -w gcbench --heap 64K
expect 2 "write a size such as 64M" run -c marksweep -w gcbench --heap much
expect 2 "a factor is from" run -c marksweep -w gcbench --heap 0x
expect 2 "leaves none of 2 iterations" run -c marksweep -w gcbench --heap 64M -i 2 --warmup 2
expect 2 "is no topology" run -c marksweep -w gcbench --heap 64M --topology moon
expect 2 "did you mean 'shadow'?" run -c marksweep -w gcbench --heap 64M --verify=heap,shadwo
expect 2 "works in checked forms only" run -c marksweep -w gcbench --heap 64M --stress-every 3
expect 2 "cannot do anything with 'now'" run -c marksweep -w gcbench --heap 64M now
expect 2 "not 'planets'" list planets
expect 2 "did you mean 'gcbench'?" show workload gcbenhc
check "wrong usage leaves no folder" test ! -e results

# ---- a folder that refuses: exit 3, before anything runs ----
echo "in the way" >file
expect 3 "cannot be made or written" run -c marksweep -w gcbench --heap 64M -o file/results

# ---- what it tells ----
expect 0 "gclab run" help
expect 0 "--heap SIZE|Kx" help run
expect 0 "--heap SIZE|Kx" run --help
expect 0 "marksweep" list collectors
expect 0 '"name": "marksweep"' list collectors --json
expect 0 "gcbench" list workloads
expect 0 "yes" list --matrix
expect 0 "floating garbage" help verify
expect 0 "nursery" show collector generational
expect 0 "depth" show workload gcbench
expect 0 "element_bytes" show workload layout
expect 0 "collectors" version
for page in help "help run" "help minheap" "help verify" "help nominal" list "list --matrix" "show collector satb" \
  "show workload server"; do
  # shellcheck disable=SC2086 # a page is words
  "$gclab" $page >page
  check "\`gclab $page\` keeps to 80 columns" narrow page
done

# ---- what biases results, and faults that must be seen ----
expect 0 "will bias results" doctor
"$gclab" doctor >page
check "\`gclab doctor\` keeps to 80 columns" narrow page
check "each WARN has a remedy" test "$(grep -c '^[a-z_]* *WARN' page)" -eq "$(grep -c '^ *-> ' page)"
strict=3
grep -q "WARN" page || strict=0
expect $strict "will bias results" doctor --strict
expect 0 '"finding"' doctor --json
expect 0 "each fault is recorded as what it is" selftest
check "none was wrong" test "$(grep -c ' right ' said)" -eq 9

# ---- outcomes are results ----
expect 0 "2 records, 0 not ok" run -c marksweep -w gcbench,depth=8,array=1000 --heap 16M -n 2 -t 2
expect 0 "2 records, 0 not ok" run -c checked,of=marksweep -c satb -w gcbench --heap 16M -- depth=8 array=1000
expect 0 "1 record, 0 not ok" run -c generational -w gcbench --heap 16M --verify=all -- depth=8 array=1000
expect 1 "oom: epsilon found no room" run -c epsilon -w gcbench --heap 4M
expect 1 "unsupported: cyclic garbage is not reclaimed" run -c refcount,cycles=none -w cycles --heap 16M
expect 1 "timeout: not done after" run -c marksweep -w alloc --heap 16M --timeout 0.05
expect 0 "2 threads: " minheap -w cycles,rounds=5 -t 2
expect 0 "kept in results/minheap.yaml" minheap -w cycles,rounds=5
check "the smallest heaps are kept" test "$(grep -c 'minheap_bytes' results/minheap.yaml)" -eq 2
expect 0 "1 record, 0 not ok" run -c marksweep -w cycles,rounds=5 --heap 2x

# ---- schedules: the same seed repeats every step; exploring finds a planted fault, and its command repeats it ----
if "$gclab" version | grep -q "schedules on"; then
  for run in 1 2; do
    "$gclab" run -c satb -w graph_mutate,steps=2000 --heap 1M -t 3 --schedule 7 --json 2>/dev/null |
      grep -o '"schedule": *{.*"hash": *"0x[0-9a-f]*"' >hash$run
  done
  check "a schedule has steps" test -s hash1
  check "the same seed repeats the same steps" cmp -s hash1 hash2
  expect 0 "0 pairs with failures" explore -c satb -w graph_mutate --heap 1M --seeds 20
  expect 1 "1 pair with failures" explore -c satb,barrier=off -w graph_mutate --heap 1M --seeds 40
  replay=$(sed -n 's/^ *replay: [^ ]* //p' said)
  check "a replay is offered" test -n "$replay"
  # shellcheck disable=SC2086 # a command is words
  expect 1 "verify_failed" $replay
else
  expect 3 "this build has no schedules" explore -c satb -w graph_mutate
  expect 3 "this build has no schedules" run -c satb -w graph_mutate --schedule 1
fi

# ---- --json: records alone on stdout, equal to those that are kept ----
"$gclab" run -c marksweep -w gcbench,depth=8,array=1000 --heap 16M -n 3 -o json --json >out 2>err
check "three records on stdout" test "$(grep -c '^{.*"status":"ok".*}$' out)" -eq 3
check "nothing else on stdout" test "$(wc -l <out)" -eq 3
check "the same lines are kept" cmp -s out json/run-*/records.jsonl
check "equal work has equal checksums" \
  test "$(grep -o '"checksum":"0x[0-9a-f]*"' out | sort -u | wc -l)" -eq 1

# ---- counters, samples and what they cost; and a run without them ----
"$gclab" run -c satb -w gcbench,depth=12,array=1000 --heap 8M -t 2 -o counted --json >measured 2>err
for counter in task_clock_ns page_faults cycles node_read_misses; do
  check "$counter has a value or a reason" \
    grep -qE "\"name\":\"$counter\",\"value\":([1-9][0-9]*,.*|null,.*\"why_not\":\"[^\"]+\")" measured
done
check "samples are kept" test "$(wc -l <"$(echo counted/run-*/inv/*/000/samples.csv)")" -ge 3
check "a record names its samples" grep -qE '"samples":"inv/[0-9a-f]+/000/samples.csv"' measured
check "memory is known after a cycle" grep -qE '"mean_post_gc_bytes":[1-9]' measured
check "instrumentation has a price" grep -qE '"instrumentation_ns":[1-9]' measured
"$gclab" run -c satb -w gcbench,depth=8,array=1000 --heap 16M -t 2 -o bare --instrumentation=off --json >measured 2>err
check "a run without instrumentation is timed" grep -qE '"status":"ok".*"wall_ns":[1-9].*"task_clock_ns":[1-9]' measured
check "and nothing else" grep -qE '"stw_ns":null.*"stw_total":null' measured
check "not even samples" test ! -e bare/run-*/inv/*/000/samples.csv
check "the record says so" grep -q '"instrumentation":"off"' measured
"$gclab" run -c satb -w gcbench,depth=8,array=1000 --heap 16M -t 1 -i 8 --warmup 2 -o alternate \
  --instrumentation=alternate --json >measured 2>err
check "one of two iterations is measured" test "$(grep -o '"instrumented":[a-z]*' measured | paste -d ' ' - - |
  grep -cE 'true.*false|false.*true')" -eq 4
check "and the other is not" test "$(grep -o '"stw_ns":null' measured | wc -l)" -ge 3
last=$(taskset -cp $$ | sed 's/.*[-,: ]//')
taskset -c "$last" "$gclab" run -c satb -w gcbench,depth=8,array=1000 --heap 16M -t 2 -o bound --json >measured 2>err
check "a process keeps to the processors that it may use" grep -q '"topology":"1 node, 1 core"' measured
expect 2 "one mutator thread: -t 1" run -c satb -w gcbench -t 2 --instrumentation=alternate

# ---- each invocation has a folder, which its record names; a file that may not grow loses nothing that was kept ----
check "three folders of one key" test "$(find json/run-*/inv/????????/00[012]/record.json | wc -l)" -eq 3
check "a folder holds the record" cmp -s json/run-*/inv/*/001/record.json - <<end
$(sed -n 2p out)
end
check "a record names its files" grep -q '"files":{"stderr":"inv/[0-9a-f]*/000/stderr.log"' out
(
  ulimit -f 64 # units of 512 or 1024 bytes
  "$gclab" run -c marksweep -w cycles,rounds=5 --heap 16M -n 20 -o full >said 2>&1
)
check "a file that may not grow refuses the run" test $? -eq 3
check "it says so in a sentence" grep -q "can no longer be written: File too large; the records before are whole" said
check "something was kept" test "$(wc -l <"$(echo full/run-*/records.jsonl)")" -ge 1
check "the records before are whole" test "$(grep -vc '^{.*}$' full/run-*/records.jsonl)" -eq 0

# ---- an interrupt: exit 130, whole records, no process left behind ----
"$gclab" run -c marksweep -w gcbench,depth=8,array=1000 -w alloc --heap 16M -n 10000 -o broken >out 2>err &
gclab_pid=$!
tries=0
until [ "$(cat broken/run-*/records.jsonl 2>/dev/null | wc -l)" -ge 1 ] || [ $tries -ge 300 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
kill -INT $gclab_pid
wait $gclab_pid
check "an interrupt exits with 130" test $? -eq 130
kept=$(wc -l <"$(echo broken/run-*/records.jsonl)")
check "it says what is kept" grep -q "interrupted: $kept of 20000 invocations are recorded" err
check "the records before are whole" test "$(grep -c '^{.*}$' broken/run-*/records.jsonl)" -eq "$kept"
check "the invocation was ended" test -z "$(pgrep -P $gclab_pid)"

finish "the command line keeps its promises"
