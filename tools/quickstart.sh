#!/bin/sh
# Usage: quickstart.sh
# Builds timescape, runs configs/quickstart.yaml and draws quickstart.png in the current folder. Installs what is missing
# for that (see setup.sh).
set -eu

case ${1-} in
'') ;;
-h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "quickstart: takes no arguments, and got: $*" >&2; exit 2 ;;
esac

doing=starting
trap '[ $? -eq 0 ] || echo "quickstart: failed while $doing" >&2' EXIT
step() {
    doing=$1
    echo "quickstart: $doing" >&2
}

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/quickstart
here=$(pwd)
if ! [ -w "$here" ]; then
    echo "quickstart: cannot write quickstart.nc and quickstart.png to $here; start from another folder" >&2
    exit 1
fi

step 'looking for what is needed'
sh "$root/tools/setup.sh" run

step "building in $build"
cmake -S "$root" --preset release -B "$build" -D TIMESCAPE_TESTS=OFF
cmake --build "$build" --parallel "$(nproc)"

step 'training the networks of configs/quickstart.yaml'
"$build/timescape" run "$root/configs/quickstart.yaml" -o quickstart.nc

step 'drawing'
"$build/timescape" plot quickstart.nc -o quickstart.png

cat <<END

$here/quickstart.png   the phase diagram: where training succeeds, over stepsize ratio and number of neurons
$here/quickstart.nc    its data, labelled netCDF for xarray, ncdump or \`$build/timescape plot --terminal quickstart.nc\`
$root/configs/quickstart.yaml   what was run: copy it, change it, and \`$build/timescape run\` your copy
END
