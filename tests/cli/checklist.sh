#!/bin/sh
# checklist.sh -- `gclab vectors --checklist`: each of the 123 statements is checked and holds, but for those that have
# no behaviour.  Usage: checklist.sh path/to/gclab
. "$(dirname "$0")/common.sh"

# have STATUS "items": exactly these have it.
have() {
  got=$(sed -n "s/^{\"item\":\([0-9]*\),\"status\":\"$1\".*/\1/p" items | tr '\n' ' ')
  [ "$got" = "$2" ] || complain "$1: items $got, not $2"
}

"$gclab" vectors --checklist --json >items 2>said
code=$?
sed 's/{"item":\([0-9]*\),.*/\1/' items >numbers
seq 123 | cmp -s - numbers || complain_of_said "$(wc -l <items) items, not 1 to 123"
have "documentation only" "32 34 100 "
have "fail" ""
grep '"status":"fail"' items
check "each item tells what was measured" test "$(grep -c '"measured":""' items)" -eq 0
check "exit status 0, not $code" test $code -eq 0

finish "all as expected"
