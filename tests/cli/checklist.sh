#!/bin/sh
# checklist.sh -- `gclab vectors --checklist`: each of the 123 statements is checked and holds, but for those that have
# no behaviour.  Usage: checklist.sh path/to/gclab
set -u
gclab=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

# expect "items" STATUS: exactly these have it.
expect() {
  got=$(sed -n "s/^{\"item\":\([0-9]*\),\"status\":\"$2\".*/\1/p" items | tr '\n' ' ')
  if [ "$got" != "$1" ]; then
    echo "$2: items $got, not $1"
    failures=$((failures + 1))
  fi
}

"$gclab" vectors --checklist --json >items 2>said
code=$?
sed 's/{"item":\([0-9]*\),.*/\1/' items >numbers
if ! seq 123 | cmp -s - numbers; then
  echo "$(wc -l <items) items, not 1 to 123: $(cat said)"
  failures=$((failures + 1))
fi
expect "32 34 100 " "documentation only"
expect "" "fail"
grep '"status":"fail"' items
if grep '"measured":""' items || [ $code -ne 0 ]; then
  echo "exit status $code, or an item that measured nothing"
  failures=$((failures + 1))
fi

[ $failures -eq 0 ] && echo "all as expected"
exit $failures
