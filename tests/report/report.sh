#!/bin/sh
# report.sh -- the page of `gclab report` in headless Chromium: no error, every planted value, filters, keyboard, dark
# mode, print; a large run in bounded memory; and sentences for runs that cannot be read.
# Usage: report.sh path/to/gclab
command -v chromium >/dev/null || { echo "skipped: chromium is not installed"; exit 77; }
. "$(dirname "$0")/../cli/common.sh"

fail() { complain "not so: $*"; }

browse() { # options… page
  chromium --headless --no-sandbox --disable-gpu --user-data-dir="$scratch/profile" --virtual-time-budget=60000 "$@" \
    2>browser.log
}

# with_script SCRIPT PAGE: the page, faults collected from its first script on, and the script at its end.
with_script() {
  awk -v script="$1" '
    /<head>/ {
      print
      print "<script>window.faults = [];"
      print "addEventListener(\"error\", (e) => faults.push(\"error: \" + e.message));"
      print "console.error = console.warn = (...words) => faults.push(\"console: \" + words.join(\" \"));</script>"
      next
    }
    /<\/body>/ { print "<script>"; while ((getline line < script) > 0) print line; print "</script>" }
    { print }' "$2"
}

# ---- a planted run ----
"$here/plant.sh" planted 5 200
"$gclab" report planted >said 2>&1 || fail "the planted run has a report: $(cat said)"
page=planted/derived/report.html
[ "$(cat said)" = $page ] || fail "the path of the page is printed: $(cat said)"
! grep -qE '(src|href)="?(https?:)?//' $page || fail "the page asks the network for nothing"
with_script "$here/check.js" $page >checked.html
browse --dump-dom "file://$scratch/checked.html" >dom.html
sed -n '/<pre id="checked">/,/<\/pre>/p' dom.html | sed 's/<[^>]*>//g' >verdict
cat verdict
grep -qE '^[1-9][0-9]* looked at, 0 wrong, 0 errors$' verdict || fail "the page shows what was planted"
browse --blink-settings=preferredColorScheme=0 --dump-dom "file://$scratch/$page" >dark.html
browse --blink-settings=preferredColorScheme=1 --dump-dom "file://$scratch/$page" >light.html
grep -q '<html[^>]*data-theme="dark"' dark.html || fail "a system that wishes dark colours gets them"
grep -q '<html[^>]*data-theme="light"' light.html || fail "a system that wishes light colours gets them"
"$here/keyboard.sh" "file://$scratch/$page" "$scratch/keys" || fail "the page is used by keyboard"
browse --print-to-pdf=page.pdf "file://$scratch/$page"
[ -s page.pdf ] && [ "$(grep -ac '/Type */Page\>' page.pdf)" -gt 3 ] || fail "the page prints on several sheets"

# ---- a large one: a thousand records and a million pauses, within 500 MB ----
"$here/plant.sh" large 45 500
bytes=$(du -sb large | cut -f1)
[ "$bytes" -ge 50000000 ] || fail "the large run has 50 MB, not $bytes bytes"
(ulimit -v 500000 && "$gclab" report large -o large.html) >said 2>&1 ||
  fail "a large run is reported within 500 MB: $(cat said)"
[ "$(wc -c <large.html)" -lt 10000000 ] || fail "the page of a large run stays below 10 MB"
browse --dump-dom "file://$scratch/large.html" >dom.html
grep -q '<html[^>]*data-ready="yes"' dom.html || fail "the page of a large run opens"

# ---- what cannot be read: one sentence and an exit code ----
refuse() { # CODE PART ARGUMENT…
  code=$1 part=$2
  shift 2
  "$gclab" report "$@" >said 2>&1
  got=$?
  [ $got -eq "$code" ] && grep -qF -- "$part" said || fail "report $*: exit $got, and said: $(cat said)"
}
mkdir cut empty foreign
head -c 700 planted/records.jsonl >cut/records.jsonl
: >empty/records.jsonl
sed 's/"schema":1/"schema":9/' planted/records.jsonl >foreign/records.jsonl
refuse 2 "which run?"
refuse 2 "did you mean '--output'?" planted --ouput x
refuse 3 "line 1" cut
refuse 3 "line 1" foreign
refuse 3 "cannot be written" planted -o nowhere/report.html
refuse 3 "cannot be written whole" planted -o /dev/full
[ -c /dev/full ] || fail "only a plain file is removed"
GCLAB_D3=nowhere.js
export GCLAB_D3
refuse 3 "node-d3" planted
unset GCLAB_D3
"$gclab" report absent >said 2>&1 && fail "a run that is not there is refused"
"$gclab" report empty >said 2>&1 && fail "a run without records is refused"
exit $((failures > 0))
