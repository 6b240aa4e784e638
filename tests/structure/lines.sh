#!/bin/sh
# lines.sh -- no line of source has more than 120 characters, ends in a space, or is indented with a tab.
set -eu
cd "$(dirname "$0")/../.."

# Prints the lines of the sources below $1 that break the rule.  grep exits 1 if there is none, 2 if it cannot read.
find_lines() {
  LC_ALL=C.UTF-8 grep -rnE '^.{121,}| $|^ *	' --include='*.[ch]' --include='*.cc' --include='*.def' --include='*.js' \
    --include='*.css' --include='*.html' --include='*.sh' --include='*.java' --include='*.pml' --include='*.cmake' \
    --include='CMakeLists.txt' "$1" || [ $? -eq 1 ]
}

found=$(for folder in runtime collectors workloads bench tests CMakeLists.txt; do find_lines $folder; done)
if [ -n "$found" ]; then
  echo "lines.sh: longer than 120 characters, a space at the end, or a tab:"
  echo "$found" | cut -c 1-160
  exit 1
fi

# The check must be able to fail: what it was written for, and what it must let pass.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
long=$(printf '%0120d' 0)
printf '%s\n' "$long" "${long%?}ö" >"$scratch/good.c"
printf '%s\n' "${long}0" >"$scratch/long.c"
printf 'int x; \n' >"$scratch/space.sh"
printf '\tint x;\n' >"$scratch/tab.def"
[ "$(find_lines "$scratch" | wc -l)" -eq 3 ] || { echo "lines.sh does not find what it looks for"; exit 1; }
echo "no line is too long"
