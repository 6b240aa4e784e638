# common.sh -- what the tests of the command line share.  Sourced first, by `. "$(dirname "$0")/common.sh"`, with $1 the
# path of gclab: from then on the test stands in a scratch folder, which goes with it; $here is where it lies itself.
set -u
here=$(cd "$(dirname "$0")" && pwd)
gclab=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

# complain WORD…: something is not as it should be.
complain() {
  echo "$*"
  failures=$((failures + 1))
}

# complain_of_said WORD…: so does what the last command said.
complain_of_said() {
  complain "$*:"
  sed 's/^/    /' said
}

# expect CODE "part of what it says" ARGUMENT…: gclab's stdout and stderr together hold the part.
expect() {
  code=$1 part=$2
  shift 2
  "$gclab" "$@" >said 2>&1 </dev/null
  got=$?
  if [ $got -ne "$code" ] || ! grep -qF -- "$part" said; then
    complain_of_said "gclab $*: exit $got instead of $code, or did not say '$part'"
  fi
}

# also "part": the last command that was expected something of said this, too.
also() {
  grep -qF -- "$1" said || complain_of_said "it did not say '$1'"
}

# check "what should hold" COMMAND…
check() {
  what=$1
  shift
  "$@" || complain "not so: $what"
}

# narrow FILE: none of its lines has more than 80 columns.
narrow() { [ "$(LC_ALL=C.UTF-8 wc -L <"$1")" -le 80 ]; }

# finish "what was shown": the last line of a test.
finish() {
  [ $failures -eq 0 ] && echo "$*"
  exit $((failures > 0))
}
