#!/bin/sh
# Usage: gpu_check.sh ROOT BUILD EMULATOR [SEED]
# The dry run of ROOT/tools/gpu-check.sh with the programs of BUILD on the emulator in the folder EMULATOR (both empty: those
# of a package): it is killed at a moment drawn from SEED, and may lose by that no more than the stage at work; another go
# does the others; then all stages have their report, and a difference, an ncu that knows less and too little time show.
set -eu
root=$1
build=$2
emulator=$3
seed=${4:-$(date +%N | sed 's/^0*//')}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
TMPDIR=$folder
export TMPDIR
output=$folder/reports
all=10 # stages
log=

fail() {
    echo "gpu_check (seed $seed): $*"
    if [ -n "$log" ]; then tail -n 20 "$log"; fi
    exit 1
}

check() { # arguments of gpu-check.sh
    sh "$root/tools/gpu-check.sh" --dry-run ${build:+--build "$build"} ${emulator:+--emulator "$emulator"} --output "$output" \
        --python "${PYTHON:-python3}" "$@"
}

status_of() { sed -n 's/^- status: //p' "$output"/??-"$1".md; }

# ---- cut

# So many stages are begun by then, and the last one has been at work for a part of a second, or is over.
cut=$(awk -v seed="$seed" 'BEGIN { srand(seed); rand(); print 1 + int(9 * rand()), 0.7 * rand() }')
echo "gpu_check: seed $seed, cut after ${cut% *} stages were begun and ${cut#* } s"
log=$folder/first
export root build emulator output
cat >"$folder/go.sh" <<'TEXT'
exec sh "$root/tools/gpu-check.sh" --dry-run ${build:+--build "$build"} ${emulator:+--emulator "$emulator"} --output "$output" \
    --python "${PYTHON:-python3}"
TEXT
setsid sh "$folder/go.sh" >"$log" 2>&1 &
first=$!
while [ "$(grep -c ': begun' "$log" || true)" -lt "${cut% *}" ] && kill -0 "$first" 2>/dev/null; do sleep 0.05; done
sleep "${cut#* }"
kill -s KILL -- "-$first" || fail 'it cannot be killed'
wait "$first" 2>/dev/null || true

begun=$(grep -c ': begun' "$log" || true)
finished=$(find "$output" -maxdepth 1 -name '[0-9]*.md' 2>/dev/null | wc -l)
lost=$((begun - finished))
echo "gpu_check: $begun stages begun, $finished have a report"
if [ "$lost" -lt 0 ] || [ "$lost" -gt 1 ]; then fail "$begun stages were begun and $finished have a report"; fi
sed -n 's/^gpu-check: \([a-z]*\): \(passed\|part\|missing\|FAILED\)$/\1/p' "$log" >"$folder/announced"
while read -r name; do
    [ -n "$(status_of "$name" 2>/dev/null)" ] || fail "$name was done, and its report is lost"
done <"$folder/announced"
for report in "$output"/[0-9]*.md; do
    [ -e "$report" ] || continue
    [ "$(tail -n 1 "$report")" = '<!-- end of the report -->' ] || fail "${report##*/} is not whole"
    cksum "$report" >>"$folder/sums"
done
if [ "$finished" -gt 1 ]; then
    grep -q '^Rows for' "$output/summary.md" || fail 'the summary is not whole'
fi

# ---- going on

log=$folder/second
check >"$log" 2>&1 || fail 'the second go failed'
again=$(grep -c ': begun' "$log" || true)
kept=$(grep -c ': done before' "$log" || true)
if [ "$kept" -ne "$finished" ] || [ $((again + kept)) -ne $all ]; then
    fail "the second go kept $kept of $finished reports and began $again stages"
fi
if [ -e "$folder/sums" ]; then
    cut -d ' ' -f 3- "$folder/sums" | while read -r report; do cksum "$report"; done | cmp -s - "$folder/sums" ||
        fail 'the second go changed a report of the first'
fi
for name in device parity throughput ncu shapes sanitizer phase stops; do
    [ "$(status_of "$name")" = passed ] || fail "$name: $(status_of "$name")"
done
for name in peers energy; do # they need Python with NumPy, and the stand-in for NVML
    case $(status_of "$name") in passed | missing) ;; *) fail "$name: $(status_of "$name")" ;; esac
done
grep -qE '^kernels: ([0-9]+) of \1 ran' "$output/02-parity.md" || fail 'the parity did not meet every kernel'
[ "$(grep -c '^| [0-9]' "$output/03-throughput.md")" -eq 8 ] || fail 'the throughput lacks sizes'
[ "$(grep -c '^| advance_' "$output/04-ncu.md")" -eq 14 ] || fail 'the table of ncu lacks kernels'
[ "$(grep -c '^stop  ' "$output/09-stops.md")" -eq 2 ] || fail 'runs were not interrupted'
grep -q '^chunks  *[1-9]' "$output/08-phase.md" || fail 'no chunk was timed'
rows=$(sed -n '/^Rows for/,$p' "$log" | grep -c '^| .* | DRY RUN' || true)
figures=$(sed -n 's/^<!-- evidence \([a-z-]*\):.*/\1/p' "$output"/[0-9]*.md | sort -u | wc -l)
if [ "$rows" -lt 12 ] || [ "$rows" -ne "$figures" ]; then
    fail "$figures figures make $rows rows of docs/gpu-evidence.md"
fi

# ---- what can go wrong

log=$folder/other
FAKE_NCU_UNKNOWN=smsp__warps_eligible check --stages ncu --again >"$log" 2>&1 || fail 'an ncu without a metric fails'
grep -q 'does not know smsp__warps_eligible' "$output/04-ncu.md" || fail 'a metric that is missing is not said'
[ "$(grep -c '^| advance_' "$output/04-ncu.md")" -eq 14 ] || fail 'a metric that is missing takes the others with it'
FAKE_NCU_UNKNOWN=_ check --stages ncu --again >"$log" 2>&1 || fail 'an ncu without all metrics fails'
grep -q 'Issue Slots Busy' "$output/04-ncu.md" || fail 'sections are not taken where metrics are missing'
FAKE_NCU_REFUSES=1 check --stages ncu --again >"$log" 2>&1 || fail 'an ncu that may not read counters fails'
[ "$(status_of ncu)" = missing ] || fail "an ncu that may not read counters: $(status_of ncu)"
grep -q ERR_NVGPUCTRPERM "$output/04-ncu.md" || fail 'why ncu gave nothing is not said'
if SOFTGPU_FAIL=launch:9+ check --stages parity --again >"$log" 2>&1; then fail 'launches that fail do not show'; fi
[ "$(status_of parity)" = FAILED ] || fail "launches that fail: $(status_of parity)"
check --stages energy --minutes 0.01 --again >"$log" 2>&1 || true
grep -q 'energy: not begun' "$log" || fail 'a stage is begun without time for it'
[ -e "$output/10-energy.md" ] || fail 'a stage that was not begun lost its report'
sed 's/^- commit: .*/- commit: another/' "$output/01-device.md" >"$folder/edited"
cp "$folder/edited" "$output/01-device.md"
status=0
check >"$log" 2>&1 || status=$?
[ "$status" -eq 2 ] || fail 'reports of another commit are gone on with'
echo 'gpu_check: passed'
