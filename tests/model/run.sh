#!/bin/sh
# run.sh -- checks one model in all its states, or one broken twin of it.
#
# Called by ctest.  A model passes if no state breaks a promise or is a deadlock, the search was complete, and every
# line of the model was reached.  A twin is the model compiled with one fault, -DTWIN_<twin>; it passes if the search
# finds what the line ` * twin <twin> (<finding>): ...` of the model's header says: the name of the promise that it
# breaks, or `deadlock`, or `endless`.
# A model whose header has the line ` * progress: ...` is searched a second time, within smaller bounds (-DSMALL), for
# cycles in which nothing is achieved: that is `endless`.
# Usage: run.sh MODEL [TWIN]
set -eu

model=$(cd "$(dirname "$0")" && pwd)/$1.pml
twin=${2-}
for tool in spin gcc; do
  command -v $tool >/dev/null || {
    echo "run.sh: there is no $tool; bench/packages.sh core tests installs it" >&2
    exit 1
  }
done

finding=
if [ -n "$twin" ]; then
  finding=$(sed -n "s/^ \* twin $twin (\([a-z_]*\)):.*/\1/p" "$model")
  [ -n "$finding" ] || {
    echo "run.sh: the header of $1.pml has no twin '$twin'" >&2
    exit 2
  }
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# Searches all states; $1 -DSAFETY: for broken promises and deadlocks, -DNP: for endless cycles.
search() {
  size= option=
  if [ "$1" = -DNP ]; then
    size=-DSMALL option=-l
  fi
  spin -a $size -DTWIN_"$twin" "$model" >spin.log || {
    cat spin.log >&2
    exit 1
  }
  gcc -O1 -w "$1" -o pan pan.c
  ./pan $option -m1000000 >log
}

fail() {
  cat log
  echo "run.sh: $1${twin:+, twin $twin}: $2"
  exit 1
}

if [ -n "$twin" ]; then
  case $finding in
  deadlock) kind=-DSAFETY message="invalid end state" ;;
  endless) kind=-DNP message="non-progress cycle" ;;
  *) kind=-DSAFETY message="assertion violated $finding" ;;
  esac
  search $kind
  grep -q "^pan:1: $message (at depth" log || fail "$1" "the search did not find '$message'"
  grep "^pan:1: " log
  exit 0
fi

kinds=-DSAFETY
if grep -q '^ \* progress: ' "$model"; then
  kinds="-DSAFETY -DNP"
fi
for kind in $kinds; do
  search $kind
  grep -q ', errors: 0$' log || fail "$1" "there are errors"
  if grep -qE 'max search depth too small|out of memory|memory limit' log; then
    fail "$1" "the search is not complete"
  fi
  if [ $kind = -DSAFETY ] && grep -E '\.pml:[0-9]+, state' log | grep -v '"-end-"'; then
    fail "$1" "the lines above were never reached"
  fi
  grep -E 'State-vector|states, stored' log
done
