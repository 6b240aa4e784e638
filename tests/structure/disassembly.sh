#!/bin/sh
# disassembly.sh -- reads the machine code of the interface: everything that a plan chooses is inlined.
#
#  - no object of a (workload, collector) pair holds an indirect call;
#  - allocation, load, store and poll hold neither an indirect call nor an indirect jump (tests/structure/paths.c);
#  - gc_load without a load barrier is one load and a return; gc_poll is one load and one branch;
#  - the code of each pair starts a page, so that a new neighbour does not move it within its page.
#
# Usage: disassembly.sh [pair.o | paths.o]…
set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints `function<TAB>instruction` for each instruction of object $1.
disassemble() {
  objdump -d --no-show-raw-insn --no-addresses "$1" |
    awk '/^<.*>:$/ { name = substr($0, 2, length($0) - 3); next }
         /^\t/ { sub(/^\t/, ""); gsub(/[[:space:]]+/, " "); sub(/ #.*/, ""); print name "\t" $0 }' |
    grep -vE '	(data16 |cs )*nop|	xchg %ax,%ax' >"$scratch/code" || true
  [ -s "$scratch/code" ] || { echo "disassembly.sh: no code in $1"; exit 1; }
}

# Prints what is forbidden in $scratch/code.
indirect_calls() { grep -E '	(notrack |bnd )*callq? \*' "$scratch/code"; }
indirect_jumps_of_paths() { grep -E '^path_[a-z_]+	(notrack |bnd )*jmpq? \*' "$scratch/code"; }

# The hot half of function $1, one instruction a line.
path() { awk -F'\t' -v name="$1" '$1 == name { print $2 }' "$scratch/code"; }

# A planted indirect call has to be found, or this test sees nothing.
printf 'void f(void (*g)(void)) { g(); g(); }\n' >"$scratch/planted.c"
gcc -O2 -c -o "$scratch/planted.o" "$scratch/planted.c"
disassemble "$scratch/planted.o"
indirect_calls >/dev/null || { echo "disassembly.sh: a planted indirect call was not found"; exit 1; }

failed=0 pairs=0 plans=0 plain_loads=0
fail() {
  echo "$1"
  failed=1
}

for object in "$@"; do
  disassemble "$object"
  indirect_calls && fail "$object: an indirect call"
  indirect_jumps_of_paths && fail "$object: an indirect jump"
  case $object in
  *paths.c.o)
    plans=$((plans + 1))
    [ "$(path path_poll | grep -c '(%rdi)')" = 1 ] && [ "$(path path_poll | wc -l)" -le 4 ] ||
      fail "$object: gc_poll is more than one load and one branch: $(path path_poll)"
    if [ -n "$(path path_load)" ]; then
      plain_loads=$((plain_loads + 1))
      [ "$(path path_load)" = "$(printf 'mov (%%rdx),%%rax\nret')" ] ||
        fail "$object: gc_load is more than one load: $(path path_load)"
    fi
    ;;
  *)
    pairs=$((pairs + 1))
    objdump -h -j .text "$object" | grep -q '2\*\*12$' || fail "$object: its code does not start a page"
    ;;
  esac
done
echo "$pairs pairs and $plans plans read, $plain_loads of them without a load barrier"
[ "$failed" -eq 0 ] && [ "$plans" -gt 0 ] && [ "$plain_loads" -gt 0 ]
