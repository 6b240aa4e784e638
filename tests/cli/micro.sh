#!/bin/bash
# micro.sh GCLAB -- `gclab micro` lists every operation under every plan, says what is wrong, and writes valid JSON.
. "$(dirname "$0")/common.sh"

# Runs `gclab micro ARGUMENTS`; it must exit with $1 and say the one line $2 among what goes to stderr.
refuses() {
  local code=$1 words=$2
  shift 2
  "$gclab" micro "$@" >out 2>err </dev/null
  local got=$?
  [ "$got" -eq "$code" ] || complain "micro $*: exit $got, not $code"
  grep -qF -- "$words" err || complain "micro $*: '$words' is not in: $(cat err)"
  [ -s out ] && complain "micro $*: printed $(head -1 out)"
}

refuses 2 "no benchmark matches 'marksweeep'; did you mean 'marksweep'?" --benchmark_filter=marksweeep
refuses 2 "no benchmark matches 'satb/weakget'; did you mean 'satb/weak_get'?" --benchmark_filter=satb/weakget
refuses 2 "no benchmark matches 'zzzzzzzz'; --benchmark_list_tests" --benchmark_filter=zzzzzzzz
refuses 2 "is no regular expression" --benchmark_filter='('
refuses 2 "did you mean '--benchmark_filter'?" --benchmark_filer=satb
refuses 2 "to select by name: --benchmark_filter=satb" satb
refuses 2 "cannot be '2s': it is a plain number" --benchmark_min_time=2s
refuses 2 "cannot be 'xml': it is console, json or csv" --benchmark_format=xml
refuses 2 "cannot be 'two': it is a whole number" --benchmark_repetitions=two
refuses 3 "cannot be written" --benchmark_out=none/out.json

# Every operation, under each plan that it applies to.
"$gclab" micro --benchmark_list_tests >names || complain "--benchmark_list_tests: exit $?"
listed() { grep -q "^$1\(/.*\)\?\$" names || complain "$1 is not listed"; }
plans="marksweep refcount generational satb"
for plan in epsilon $plans; do
  for operation in pair_cycle alloc16 alloc32 alloc64 alloc256 alloc1024 alloc64k load store_young store_old \
    store_slots init_store inert_walk inert_swap loop_empty_poll frame weak_get handshake/polling:1 stop/polling:1; do
    listed "$plan/$operation"
  done
done
for plan in $plans; do
  listed "$plan/mark_random"
  listed "$plan/collect_lists"
done
for operation in load store_old store_slots weak_get; do
  listed "satb/${operation}_marking"
done
listed generational/store_slots_young
listed python/collect_lists
for name in runtime/deque_{push,pop,steal,push_pop,push_pop_stolen} runtime/blocks_{lifo,mixed} \
  limit/{alloc,mark_random,read,walk,swap}; do
  listed "$name"
done

# What needs a cycle, or other threads, runs: no error, and JSON in the file.
"$gclab" micro --benchmark_min_time=0.001 --benchmark_out=out.json --benchmark_filter=\
'satb/.*_marking|store_slots_young|(handshake|stop)/polling:1|deque|blocks|pair_cycle|python/collect_lists|'\
'limit/(walk|swap)|inert|satb/mark_random' \
  >out 2>err || complain "exit $?: $(cat err)"
grep -q "ERROR OCCURRED" out && complain "$(grep "ERROR OCCURRED" out)"
shown=$(grep -c '^[a-z_]*/' out) written=$(grep -c '"run_name"' out.json)
[ "$shown" -gt 20 ] && [ "$shown" -eq "$written" ] || complain "$shown benchmarks shown, $written written"

"$gclab" micro --help >out || complain "--help: exit $?"
narrow out || complain "--help is wider than 80 columns"
grep -q "gclab micro --benchmark_filter=" out || complain "--help has no example"
finish "operations are listed, run and written"
