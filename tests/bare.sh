#!/bin/bash
# bare.sh -- does what a newcomer does, on a Debian 12 that has nothing: the README's commands, in order.
#
# As root: makes a minimal system with debootstrap in a scratch folder, clones the committed tree into it, and
# runs every line of the README's first block of commands there.  `make run` must end with the path of the
# records, `make test` with ctest's summary.  Takes about half an hour; not part of `make test`.
# The packages come from where this machine's apt gets them; BARE_MIRROR names another mirror.
# Usage: tests/bare.sh [BRANCH]      (default: the branch that is checked out)
set -euo pipefail

source_tree=$(cd "$(dirname "$0")/.." && pwd)
branch=${1:-$(git -C "$source_tree" symbolic-ref --short HEAD)}

# The work is done by this script again, in a mount namespace of its own: whatever is mounted below is gone when
# that process ends, so that the folder can be removed without reaching through a mount.
if [ -z "${BARE_SCRATCH-}" ]; then
  [ "$(id -u)" -eq 0 ] || { echo "bare.sh: needs root, for debootstrap and chroot" >&2; exit 3; }
  "$source_tree/bench/packages.sh" bare
  BARE_SCRATCH=$(mktemp -d)
  export BARE_SCRATCH
  trap 'rm -rf --one-file-system "$BARE_SCRATCH"' EXIT
  unshare --mount --propagation private "$0" "$branch"
  exit
fi
system=$BARE_SCRATCH/system

mirror=${BARE_MIRROR:-$(apt-cache policy | sed -n 's,^ *[0-9]* \(http[^ ]*/debian\) bookworm/main .*,\1,p' | head -n 1)}
echo "bare.sh: a minimal Debian 12 from ${mirror:=http://deb.debian.org/debian}"
debootstrap --variant=minbase bookworm "$system" "$mirror" >"$BARE_SCRATCH/log" 2>&1 ||
  { tail -n 20 "$BARE_SCRATCH/log"; exit 1; }

# How this machine reaches its mirror holds inside, too; nothing else of it does.
apt-config dump Acquire | grep -E '^Acquire::(Check|http|https|Retries)' >"$system/etc/apt/apt.conf.d/90acquire" || true
cp /etc/resolv.conf /etc/hosts "$system/etc/"
mount -t proc proc "$system/proc"
mount --rbind /sys "$system/sys"
mount --rbind /dev "$system/dev"
mkdir "$system/source"
mount --bind "$source_tree" "$system/source"
mount -o remount,bind,ro "$system/source"

# Runs a command line in the clone, in an environment as bare as the system.
inside() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 ${http_proxy:+http_proxy=$http_proxy} \
    ${https_proxy:+https_proxy=$https_proxy} chroot "$system" sh -c "cd ${2-/root/gclab} && $1"
}

for tool in git make gcc cmake sudo; do
  if inside "command -v $tool" / >/dev/null; then
    echo "bare.sh: the minimal system has $tool already, so this run would prove less"
    exit 1
  fi
done

# The README's first block: line 1 makes git and make, the others run in the clone.
mapfile -t commands < <(awk '/^```/ { if (inside) exit; inside = 1; next } inside { sub(/ *#.*/, ""); print }' \
  "$source_tree/README.md")
[ "${commands[*]: -2}" = "make run make test" ] ||
  { echo "bare.sh: the README's first block does not end with make run and make test"; exit 1; }
for command in "${commands[@]}"; do
  echo "bare.sh: \$ $command"
  begin=$SECONDS
  case $command in
  apt-get*) inside "$command" / ;;
  git\ clone* | cd\ *) continue ;; # the reader's URL; here the clone was made after line 1
  *) inside "$command" ;;
  esac >"$BARE_SCRATCH/log" 2>&1 || { tail -n 60 "$BARE_SCRATCH/log"; echo "bare.sh: '$command' failed"; exit 1; }
  tail -n 6 "$BARE_SCRATCH/log"
  echo "bare.sh: '$command' took $((SECONDS - begin)) s"

  # What its last lines have to be.
  case $command in
  apt-get*)
    inside "git -c safe.directory='*' clone --quiet --no-hardlinks --branch $branch /source /root/gclab" /
    ;;
  "make run") tail -n 3 "$BARE_SCRATCH/log" | grep -E 'results/[^ ]+\.jsonl?' >/dev/null ||
    { echo "bare.sh: make run did not end with the path of its records"; exit 1; } ;;
  "make test") # after the summary ctest lists what was skipped
    grep -E '^100% tests passed, 0 tests failed out of [1-9]' "$BARE_SCRATCH/log" ||
    { echo "bare.sh: make test did not end with a summary in which every test passed"; exit 1; } ;;
  esac
done
echo "bare.sh: every command of the README worked on a bare Debian 12"
