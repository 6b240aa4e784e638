#!/bin/sh
# statistics.sh -- compare, lbo, export and verify as a user meets them, over records that are written here, so that
# every number they should tell is known; and what they say about folders that are no runs or not whole.
# Usage: statistics.sh path/to/gclab
. "$(dirname "$0")/common.sh"

# record COLLECTOR WORKLOAD INVOCATION STATUS WALL_NS STW_NS CONCURRENT_NS: one line; half of stopped time is CPU time.
# SUBJECT, FOREIGN: what else it says of the subject and of the collector.
record() {
  iterations='[]' checksum=null
  if [ "$4" = ok ]; then
    checksum='"0x1"'
    iterations=$(printf '%s"wall_ns":%s,"task_clock_ns":%s,"user_ns":%s,"sys_ns":0,' \
      '[{"index":0,"warmup":true,"wall_ns":999999},{"index":1,"warmup":false,' "$5" "$5" "$5"
      printf '"stw_ns":%s,"gc_stw_cpu_ns":%s,"gc_concurrent_cpu_ns":%s}]' "$6" "$6" "$7")
  fi
  printf '{"identity":{"schema":1,"run_id":"r","key":"%s-%s","seq":0,"invocation":%s,' "$1" "$2" "$3"
  printf '"workload_seed":1,"started_utc":"2026-01-02T03:04:05Z"},'
  printf '"subject":{"collector":{"name":"%s","foreign":%s,"params":{}},' "$1" "${FOREIGN:-false}"
  printf '"workload":{"name":"%s","params":{"depth":3}},"collector_text":"%s","workload_text":"%s",' "$2" "$1" "$2"
  printf '"heap_bytes":1048576,"heap_factor":%s,"mutator_threads":%s,"gc_threads":2,' "${FACTOR:-2.0}" "${THREADS:-2}"
  printf '"iterations":2%s},"machine":{"cores":2},' "${SUBJECT:-,\"verify\":\"none\"}"
  printf '"outcome":{"status":"%s","checksum":%s,"reason":null},' "$4" "$checksum"
  printf '"iterations":%s,"memory":{"peak_rss_bytes":null}}\n' "$iterations"
}

# A run of two workloads that both collectors complete, `quick` in four fifths of the time of `slow`, and of one on
# which `quick` fails.
mkdir -p results/planted
for workload in list tree; do
  for i in 0 1 2 3 4; do
    record slow $workload $i ok $((1000000 + i * 1000)) 100000 0
    record quick $workload $i ok $((800000 + i * 800)) 1000 300000
  done
done >results/planted/records.jsonl
for i in 0 1 2; do
  record slow full $i ok $((1000000 + i * 1000)) 100000 0
  record quick full $i oom 0 0 0
done >>results/planted/records.jsonl

# ---- compare ----
expect 0 "0.800   [0.798, 0.802]  0.0079" compare planted:collector=slow planted:collector=quick
also "B is faster by 20.0 %"
also "B: 0 of 3 planned invocations ended ok; 3 oom"
also "geometric mean of 2 workloads: 0.800"
also "LEFT OUT, not completed by both: full"
check "compare keeps to 80 columns" narrow said
expect 0 "B is slower by 25.0 %" compare planted:collector=quick planted:collector=slow,workload=tree
expect 0 "no difference shown" compare planted:collector=slow planted:collector=slow
expect 0 "list: quick against slow" compare planted:collector=slow planted:collector=quick,workload=list
expect 0 "gc_concurrent_cpu_ns, B / A with its 99 %" \
  compare planted planted --metric wall_ns,gc_concurrent_cpu_ns --confidence 99
also "no ratio: a sample is 0"
expect 0 '"verdict": "B is faster by 20.0 %"' compare planted:collector=slow planted:collector=quick --json
also '"workloads": 2'
expect 0 "needs 40 invocations" compare planted --calibrate
expect 2 "did you mean 'wall_ns'?" compare planted planted --metric wal_ns
expect 2 "compare what with what?" compare planted
expect 2 "nothing in common that can be compared" compare planted:workload=list planted:workload=tree
expect 2 "has collector=quack; did you mean 'quick'?" compare planted:collector=quack planted
expect 2 "did you mean 'collector'?" compare planted:colector=quick planted

mkdir results/settings
for i in 0 1 2; do
  record slow list $i ok $((1000000 + i * 1000)) 100000 0
  FACTOR=4.0 record slow list $i ok $((500000 + i * 500)) 50000 0
  THREADS=4 record slow list $i ok $((2000000 + i * 2000)) 100000 0
done >results/settings/records.jsonl
expect 0 "list: slow; heap 4x against 2x" compare settings:heap_factor=2,threads=2 settings:heap_factor=4
also "B is faster by 50.0 %"
expect 0 "list: slow; 4 against 2 threads" compare settings:threads=2,heap_factor=2 settings:threads=4
also "B is slower by 100.0 %"

# What keeps times from being those of a plain run is part of the collector's name, and kept apart from plain ones.
mkdir results/kinds
for i in 0 1; do
  record slow list $i ok $((1000000 + i * 1000)) 100000 0
  SUBJECT=',"verify":"none","build":{"features":{"check_level":0,"chaos":false,"counting":true}}' \
    record slow list $i ok $((3000000 + i * 1000)) 100000 0
  SUBJECT=',"verify":"heap","instrumentation":"off","build":{"features":{"check_level":2,"chaos":true}}' \
    record slow list $i ok $((4000000 + i * 1000)) 100000 0
done >results/kinds/records.jsonl
expect 0 "list: slow (counting build)" compare kinds kinds
also "list: slow (--verify=heap, checks of level 2, random yields,"
check "compare keeps to 80 columns" narrow said
expect 0 "slow (counting build)" lbo kinds --metric wall_ns

# ---- lbo: the least distilled cost is quick's in wall time, and after its concurrent CPU time in task clock ----
expect 0 "800.6us*" lbo planted:workload=list --metric wall_ns
also "1.252"
expect 0 "2.002" lbo planted:workload=list --metric task_clock_ns
mkdir results/beside
for i in 0 1; do
  record quick list $i ok 800000 1000 300000
  record swift list $i ok 700000 1000 300000
done >results/beside/records.jsonl
expect 0 "every collector here works beside the mutators" lbo beside --metric wall_ns
expect 0 "one collector alone bounds nothing" lbo beside:collector=swift
mkdir results/outside
{ cat results/planted/records.jsonl; FOREIGN=true record bare list 0 ok 100000 0 0; } >results/outside/records.jsonl
expect 0 "LEFT OUT: bare, whose objects lie outside the heap." lbo outside:workload=list --metric wall_ns
also "800.6us*"
expect 0 '"total_per_least": 1.25' lbo planted:workload=list --json
expect 2 "did you mean 'wall_ns'?" lbo planted --metric wall_n

# ---- export ----
expect 0 ",wall_ns,task_clock_ns," export planted
check "csv goes to a file" "$gclab" export planted -o all.csv --format csv
check "csv has a row for each iteration, and one for each failure" test "$(wc -l <all.csv)" -eq $((1 + 2 * 23 + 3))
check "csv has one number of fields" test "$(awk -F, '{print NF}' all.csv | sort -u | wc -l)" -eq 1
check "csv says what failed" grep -q ",quick,full,1048576,.*,oom,,*$" all.csv
expect 0 '"real_time": 800000.0' export planted:collector=quick --format gbench
also '"status": "oom"'
also '"peak_rss_bytes": null'
expect 0 '"command": "list/slow/heap:2x/threads:2"' export planted:workload=list --format hyperfine
also '"median": 0.001002'
expect 0 '"status":"oom"' export planted --format jsonl
expect 0 "results/planted/derived/index.sqlite" export planted --format sqlite
check "sqlite is a database" test "$(head -c 15 results/planted/derived/index.sqlite)" = "SQLite format 3"
expect 2 "did you mean 'sqlite'?" export planted --format sqlit
expect 3 "cannot be written" export planted -o nowhere/at/all.csv
if [ -w /dev/full ]; then
  "$gclab" export planted >/dev/full 2>said
  check "a full disk refuses the export" test $? -eq 3
  also "could not be written whole: No space left on device"
fi

# ---- verify ----
expect 0 "0 findings" verify planted
mkdir results/doubtful
sed '3s/"0x1"/"0x2"/; 5s/"invocation":2/"invocation":1/; 7s/"memory"/"files":{"gc":"inv\/gc.csv"},"memory"/; 9s/^/{/' \
  results/planted/records.jsonl >results/doubtful/records.jsonl
record slow list 9 ok 1 1 1 | head -c 100 >>results/doubtful/records.jsonl
expect 1 "line 3: checksum 0x2 (slow), but line 1 has 0x1 for the same work" verify doubtful
also "line 5: invocation slow-list/001 is recorded twice, first in line 3"
also "line 7: its file 'inv/gc.csv' (gc) is missing"
also "line 9 is no record"
also "line 27 is cut short"
also "5 findings"
mkdir results/planned
head -2 results/planted/records.jsonl >results/planned/records.jsonl
printf '%s\n' '{"plan":{}}' '{"key":"slow-list","invocation":0}' \
  '{"key":"slow-list","invocation":1,"workload":"list","collector":"slow"}' >results/planned/plan.jsonl
expect 1 "invocation slow-list/001 was planned and has no record: list, slow" verify planned
also "line 2: invocation quick-list/000 was not planned"

# ---- what is no run, or not whole: one sentence, and the exit code says whose fault it is ----
mkdir results/later results/empty
sed 's/"schema":1/"schema":2/' results/planted/records.jsonl >results/later/records.jsonl
: >results/empty/records.jsonl
for command in "compare planted" lbo export; do
  # shellcheck disable=SC2086 # a command is words
  expect 3 "records.jsonl, line 9 is no record" $command doubtful
  # shellcheck disable=SC2086
  expect 3 "line 1 is a record of schema 2" $command later
  # shellcheck disable=SC2086
  expect 2 "is empty" $command empty
  # shellcheck disable=SC2086
  expect 2 "did you mean 'results/planted'?" $command plantd
done

finish "statistics tell what was planted"
