#!/bin/sh
# Usage: golden.sh TIMESCAPE_GOLDEN TRAININGS. Differences from the file are found, what is no such file is refused, and
# --write changes no training of this version.
set -eu

golden=$1
trainings=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() { printf "golden.sh: %s\n" "$*"; exit 1; }

# gives STATUS FILE [ARGUMENT...]: what golden says of the file ends with this status
gives() {
    wanted=$1
    shift
    status=0
    "$golden" "$@" >"$folder/said" 2>&1 || status=$?
    [ "$status" -eq "$wanted" ] || { cat "$folder/said"; fail "$*: status $status for $wanted"; }
}

# The first four cells, so that this does not take long.
awk '/^cell/ { cells++ } cells < 5' "$trainings" >"$folder/few"
gives 0 "$folder/few" --write # without the empty line at its end
gives 0 "$folder/few"

# One digit of a loss, a weight, a bias, a hash, a position loss or a number of jumps.
for what in 's/ loss \(.*\)[0-4] bias / loss \19 bias /' 's/ loss \(.*\)[5-9] bias / loss \11 bias /' \
    '/^weight/s/[0-9]$/x/' '/^training/s/ bias / bias 1/' 's/ positions ./ positions x/' '/^position_loss/s/_loss ./_loss x/' \
    's/ missed ./ missed 9/'; do
    sed "$what" "$folder/few" >"$folder/changed"
    ! cmp -s "$folder/few" "$folder/changed" || fail "$what changed nothing"
    gives 1 "$folder/changed"
    grep -q 'differs on cpu' "$folder/said" || fail "$what: no word on the difference"
    cp "$folder/changed" "$folder/written"
    gives 0 "$folder/written" --write
    cmp -s "$folder/changed" "$folder/written" || fail "$what: --write changed trainings of this version"
done

# Another version is a difference, and may be written anew; so are trainings that are missing.
sed 's/^arithmetic_version .*/arithmetic_version 0/; /^training/s/ bias / bias 1/' "$folder/few" >"$folder/old"
gives 1 "$folder/old"
gives 0 "$folder/old" --write
cmp "$folder/few" "$folder/old"
awk '/^(training|position|weight|position_loss) / && cells == 2 { next } /^cell/ { cells++ } { print }' "$folder/few" >"$folder/missing"
gives 1 "$folder/missing"
gives 0 "$folder/missing" --write
cmp "$folder/few" "$folder/missing"

# What is no such file.
for what in 's/eta=/etta=/' 's/h=1e-2/h=fast/' 's/init=.*/init=sorted/' 's/jumps=0.2:4/jumps=0.2;4/' 's/^with/without/' \
    's/steps=2500/steps=25oo/'; do
    sed "$what" "$trainings" >"$folder/changed"
    gives 2 "$folder/changed"
    grep -q "changed:[0-9]*: found '" "$folder/said" || fail "$what: no word on the place"
done
gives 2 "$folder/none"
gives 2 "$folder/few" --backend tpu
sed 's/eta=4e-3/eta=4/' "$folder/few" >"$folder/changed"
gives 1 "$folder/changed"
grep -q 'network.eta: found 4, allowed' "$folder/said" || fail 'no word on a setting that is refused'
