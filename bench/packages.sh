#!/bin/sh
# packages.sh -- installs the Debian 12 packages of the named sets, those that are missing.
#
# Called by the Makefile: `core` is what the product needs, `tests` what the tests add, `format` what `make format`
# and `bare` what tests/bare.sh adds, `peers` the systems that bench/peers compares with.  As root it installs them,
# else through sudo; with neither it prints the line to run and exits 3.
# Usage: bench/packages.sh core|tests|format|bare|peers…
set -eu

# libyaml-dev: what libcyaml-dev links, but does not bring.
core="gcc g++ cmake ninja-build pkg-config liburcu-dev libhwloc-dev libnuma-dev libbenchmark-dev
  systemtap-sdt-dev libgsl-dev libjansson-dev libcyaml-dev libyaml-dev libsqlite3-dev libpfm4-dev zlib1g-dev libdw-dev
  node-d3"
tests="libcmocka-dev clang-14 spin chromium libhdrhistogram-java default-jre-headless python3"
format="clang-format-14"
bare="debootstrap"
peers="libgc-dev libmimalloc-dev python3-dev"

missing=
for set in "$@"; do
  case $set in
  core) packages=$core ;;
  tests) packages=$tests ;;
  format) packages=$format ;;
  bare) packages=$bare ;;
  peers) packages=$peers ;;
  *)
    echo "packages.sh: no set of packages is called '$set'; there are core, tests, format, bare and peers" >&2
    exit 2
    ;;
  esac
  for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' ||
      missing="$missing $package"
  done
done
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root="sudo"
else
  echo "gclab needs packages that only root can install.  Please run, as root:" >&2
  echo "  apt-get update && $install" >&2
  exit 3
fi
echo "packages.sh: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# dpkg needs no terminal and asks nothing; its log is shown only if it failed
export DEBIAN_FRONTEND=noninteractive
if ! { $as_root apt-get update && $as_root $install; } >"$log" 2>&1; then
  cat "$log" >&2
  echo "packages.sh: apt-get could not install the packages; its words are above" >&2
  exit 3
fi
