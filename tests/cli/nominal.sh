#!/bin/sh
# nominal.sh -- the card of a workload, over records that are written here, so that every number and rank is known;
# that it is empty without records; and that `gclab nominal` fills it.  Usage: nominal.sh path/to/gclab
. "$(dirname "$0")/common.sh"

# record WORKLOAD COLLECTOR FACTOR COUNTING STATUS ITERATION: one line, whose only measured iteration is the last one.
record() {
  printf '{"identity":{"schema":1,"key":"k","started_utc":"2026-01-02T03:04:05Z"},'
  printf '"subject":{"collector_text":"%s","workload_text":"%s","heap_factor":%s,' "$2" "$1" "$3"
  printf '"minheap_bytes":16777216,"mutator_threads":1,"build":{"git":"0123abcd","dirty":false,"build_id":"feed",'
  printf '"features":{"check_level":0,"counting":%s}}},"outcome":{"status":"%s"},' "$4" "$5"
  printf '"iterations":[{"warmup":true,"wall_ns":1},{"warmup":false,%s}],' "$6"
  printf '"memory":{"mean_live_after_gc_bytes":8388608}}\n'
}

# timed WORKLOAD FACTOR WALL_MS: under marksweep.
timed() {
  times="\"wall_ns\":${3}000000,\"stw_ns\":200000000,\"task_clock_ns\":2000000000,\"gc_cpu_ns\":500000000"
  bytes='"alloc_bytes":671088640,"alloc_bytes_per_s":1048576000'
  record "$1" marksweep "$2" false ok "$times,$bytes,\"gc_count\":{\"minor\":0,\"major\":7,\"emergency\":1}"
}

# counted WORKLOAD OBJECTS
counted() {
  objects="\"alloc_objects\":$2,\"object_bytes\":{\"p10\":16,\"p50\":24,\"p90\":64}"
  stores='"stores":8000000,"swaps":1000000,"cas":500000,"copied_fields":500000,"init_stores":70000000'
  barriers="\"requested_bytes\":800000000,\"allocated_fields\":30000000,$stores,\"loads\":39000000"
  record "$1" marksweep 6.0 true ok "\"wall_ns\":9000000000,$objects,\"barriers\":{$barriers,\"weak_loads\":1000000}"
}

# ---- without records: an empty card that says how to fill it ----
expect 0 "times         not measured; \`gclab nominal -w gcbench\` does it" show workload gcbench
also "counts        not measured"
also "build/counting/gclab nominal -w gcbench"
check "an empty card has no number" test "$(grep -c '^  [A-Z][A-Z][A-Z] ' said)" -eq 0
expect 0 '"statistics": []' show workload gcbench --json
expect 2 "did you mean 'gcbench'?" show workload gcbenhc
expect 2 "did you mean 'gcbench'?" nominal -w gcbenhc
expect 2 "which workload?" nominal

# ---- planted records: gcbench in two invocations, and two others to be ranked with ----
mkdir -p results/nominal/run-1 results/nominal/run-2 results/nominal/run-10
timed gcbench 2.0 7777 >results/nominal/run-1/records.jsonl # of an older run
{
  timed gcbench 1.5 3000
  timed gcbench 2.0 1900
  timed gcbench 2.0 2100
  timed gcbench 6.0 1500
  record gcbench generational,nursery=1M,sizing=fixed,age=1 6.0 false ok \
    '"alloc_bytes":671088640,"copied_bytes":67108864'
  timed alpha 2.0 1000
  timed beta 2.0 4000
  timed gcbench,depth=5 2.0 500
  timed beta,depth=5 2.0 600
  counted gcbench 20000000
  counted alpha 5000000
} >results/nominal/run-2/records.jsonl
record gcbench marksweep 2.0 false oom '"wall_ns":1' >results/nominal/run-10/records.jsonl # newer, and of no use
expect 0 "PET milliseconds at 2x             2000    2/3   5     1000     2000     4000" show workload gcbench
also "ARA bytes allocated per s         0.98G"
also "ARO objects allocated per us      10.00    1/2  10    5.000    7.500    10.00"
also "AOA object size, mean, bytes      40.00    2/2   0    40.00    100.0    160.0"
also "AOS object size, p10, bytes       16.00"
also "AOM object size, median, bytes    24.00"
also "AOL object size, p90, bytes       64.00"
also "ARD references per object         1.500"
also "ARB references per 100 bytes      3.750"
also "BSO stores per object             0.500"
also "BSM stores per ms                  5000"
also "BLO loads per object              2.000"
also "GMD smallest heap                 16.0M    1/2  10"
also "GTO turnover                      40.00"
also "GCA live after a collection       8.00M"
also "GSV survive a 1M nursery, %       10.00    1/1   -"
also "GCC collections at 2x             8.000"
also "GCS collector's CPU at 2x, %      25.00"
also "GCP stopped at 2x, %              10.00"
also "GSS slower at 1.5x than 6x, %     100.0"
also "by a build of 0123abcd, not this one"
also "which may not be"
check "the card keeps to 80 columns" narrow said
"$gclab" show workload gcbench --json | tr -d ' \n' >said
also '"code":"PET","label":"millisecondsat2x","description":"walltimeofaniterationundermarksweep","value":2000.0'
also '"value":2000.0,"rank":2,"of":3,"score":5.0,"min":1000.0,"median":2000.0,"max":4000.0'
also '"build_id":"feed"'

# A workload with other parameters is ranked in the place of itself.
expect 0 "PET milliseconds at 2x            500.0    3/3   0    500.0     1000     4000" show workload gcbench,depth=5
also "GSS slower at 1.5x than 6x, %         -      -   -        -        -        -"
also "counts        not measured"

# ---- lines that are no records are told and passed over ----
sed 's/"schema":1/"schema":2/' results/nominal/run-1/records.jsonl >>results/nominal/run-2/records.jsonl
expect 0 "is a record of schema 2" show workload gcbench
also "PET milliseconds at 2x             2000    2/3"
mkdir results/nominal/none
expect 0 "none is passed over" show workload gcbench
rm -r results/nominal
expect 0 "times         not measured" show workload gcbench

# ---- it is measured: the smallest heap is the one that is kept, and what is known only to a counting build is not ----
expect 0 "4 records, 0 not ok: results/nominal/run-" nominal -w gcbench,depth=12,array=1000 -n 1 -i 1
if "$gclab" version --json | grep -q '"check_level": 0'; then words="by a build of"; else words="with checks"; fi
expect 0 "$words" show workload gcbench,depth=12,array=1000
check "the card is of this build" test "$(grep -c 'not this one' said)" -eq 0
also "counts        not measured"
check "times give ten statistics" test "$(grep -c '^  [A-Z][A-Z][A-Z] .* 1/1 ' said)" -eq 10
"$gclab" show workload gcbench,depth=12,array=1000 --json | tr -d ' \n' |
  grep -o '"code":"GMD"[^}]*"value":[0-9]*' | grep -o '[0-9]*$' >heap
check "the smallest heap is that of minheap.yaml" grep -q "minheap_bytes: $(cat heap)\$" results/minheap.yaml

# survives WORKLOAD LEAST MOST: between these percentages of its bytes survive the nursery.
survives() {
  expect 0 "4 records, 0 not ok" nominal -w "$1" -n 1 -i 1
  share=$("$gclab" show workload "$1" | sed -n 's/^ *GSV survive a 1M nursery, % *\([0-9.]*\) .*/\1/p')
  check "of $1 survive $2 to $3 %, not $share" \
    awk "BEGIN { exit !(\"$share\" != \"\" && $2 <= $share && $share <= $3) }"
}
survives list,nodes=200000 90 100    # all that it allocates it keeps, but for the last nursery
survives binary_trees,depth=12 0.1 15 # it drops each tree before it makes the next
expect 2 "takes no option --threads" nominal -w gcbench -t 2

finish "cards hold what records hold"
