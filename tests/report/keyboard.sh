#!/bin/bash
# keyboard.sh -- presses real keys on a page in headless Chromium, over its debugging pipe: Tab until the filter of a
# collector has the focus, Space switches it off, Tab and Enter reach the table of a figure.  Bash, for its coprocess.
# Usage: keyboard.sh PAGE PROFILE_FOLDER
set -u
page=$1 profile=$2
mkfifo "$profile.to" "$profile.from"
chromium --headless --no-sandbox --disable-gpu --user-data-dir="$profile" --remote-debugging-pipe about:blank \
  3<"$profile.to" 4>"$profile.from" 2>/dev/null &
browser=$!
trap 'kill $browser 2>/dev/null; wait $browser 2>/dev/null' EXIT
exec 5>"$profile.to" 6<"$profile.from"
number=0 session=

# ask METHOD PARAMS: sends a command, and leaves its answer in $answer.
ask() {
  number=$((number + 1))
  printf '{"id":%d,"method":"%s","params":%s%s}\0' $number "$1" "$2" "${session:+,\"sessionId\":\"$session\"}" >&5
  while IFS= read -r -t 30 -d '' answer <&6; do
    case $answer in '{"id":'$number,*) return 0 ;; esac
  done
  echo "no answer to $1"
  exit 1
}
value() { # EXPRESSION: prints its value
  ask Runtime.evaluate "{\"expression\":\"String($1)\"}"
  sed 's/.*"value":"\([^"]*\)".*/\1/' <<<"$answer"
}
press() { # KEY CODE [TEXT]
  ask Input.dispatchKeyEvent "{\"type\":\"keyDown\",\"key\":\"$1\",\"windowsVirtualKeyCode\":$2${3:+,\"text\":\"$3\"}}"
  ask Input.dispatchKeyEvent "{\"type\":\"keyUp\",\"key\":\"$1\",\"windowsVirtualKeyCode\":$2}"
}
tab_to() { # EXPRESSION that holds once the focus is there
  for _ in {1..60}; do
    press Tab 9
    [ "$(value "$1")" = true ] && return 0
  done
  echo "the keyboard does not reach $1"
  exit 1
}

ask Target.createTarget "{\"url\":\"$page\"}"
target=$(sed 's/.*"targetId":"\([^"]*\)".*/\1/' <<<"$answer")
ask Target.attachToTarget "{\"targetId\":\"$target\",\"flatten\":true}"
session=$(sed 's/.*"sessionId":"\([^"]*\)".*/\1/' <<<"$answer")
for _ in {1..300}; do
  [ "$(value "document.documentElement.dataset.ready")" = yes ] && break
  sleep 0.1
done

press Tab 9
[ "$(value "document.activeElement.className")" = skip ] ||
  { echo "the first stop is not the link to the results"; exit 1; }
tab_to "document.activeElement.value === 'satb'"
press " " 32 " "
[ "$(value "page.chosen.collectors.has('satb')")" = false ] ||
  { echo "Space does not switch a collector off"; exit 1; }
[ "$(value "document.activeElement.value")" = satb ] ||
  { echo "the focus is lost when the page is drawn again"; exit 1; }
tab_to "document.activeElement.tagName === 'SUMMARY'"
press Enter 13 "\\r"
[ "$(value "document.activeElement.parentNode.open")" = true ] || { echo "Enter does not open a table"; exit 1; }
echo "the keyboard reaches filters and tables"
