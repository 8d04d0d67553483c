#!/bin/sh
# Usage: paper.sh [FOLDER]
# Runs the experiments of configs/paper and makes their figures in FOLDER (default: paper): a sketch of the model, functions
# at start, in the middle and at the end with the neurons, losses of SGD and of the two-timescale limit, paths of the
# neurons, an animation, and box plots of the final loss over epsilon. Then those of configs/border.yaml: how the border of
# success moves with h, eta and noise. Installs what is missing for that (see setup.sh). Some minutes on two cores.
set -eu

case ${1-} in
-h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
-*) echo "paper: takes the name of a folder, and got: $*" >&2; exit 2 ;;
esac

doing=starting
trap '[ $? -eq 0 ] || echo "paper: failed while $doing" >&2' EXIT
step() {
    doing=$1
    echo "paper: $doing" >&2
}

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/quickstart
mkdir -p "${1-paper}"
folder=$(cd "${1-paper}" && pwd)

step 'looking for what is needed'
sh "$root/tools/setup.sh" run
step "building in $build"
cmake -S "$root" --preset release -B "$build" -D TIMESCAPE_TESTS=OFF
cmake --build "$build" --parallel "$(nproc)"
timescape=$build/timescape

# An experiment with a few trainings followed closely, and its figures; the functions are those of the given replicate.
trace() { # configuration, replicate
    step "following trainings of configs/paper/$1.yaml"
    "$timescape" trace "$root/configs/paper/$1.yaml" -o "$folder/$1.nc"
    for format in pdf png svg; do
        for kind in functions positions; do
            "$timescape" plot "$folder/$1.nc" --kind "$kind" --replicate "$2" -o "$folder/$1-$kind.$format"
        done
        "$timescape" plot "$folder/$1.nc" --kind loss -o "$folder/$1-loss.$format"
    done
    "$timescape" plot "$folder/$1.nc" --kind animation --replicate "$2" -o "$folder/$1.gif"
}
step 'drawing the sketch of the model'
"$timescape" trace "$root/configs/paper/sketch.yaml" -o "$folder/sketch.nc"
for format in pdf png svg; do
    "$timescape" plot "$folder/sketch.nc" --kind sketch -o "$folder/sketch.$format"
done

trace two-timescale-quick 2
trace two-timescale 2
trace equal-stepsizes 0

# Many trainings, and the box plot of their final losses.
boxes() { # configuration
    step "training the networks of configs/paper/$1.yaml"
    "$timescape" run "$root/configs/paper/$1.yaml" -o "$folder/$1.nc"
    for format in pdf png svg; do
        "$timescape" plot "$folder/$1.nc" --kind loss -o "$folder/$1-loss.$format"
    done
}
boxes varying-epsilon
boxes relu
boxes additive-2
boxes additive-10

# Success over epsilon and one more axis, by the loss and by the positions, and how trainings end along that axis.
border() { # axis, assignments...
    axis=$1
    shift
    step "training the networks of configs/border.yaml over epsilon and $axis"
    "$timescape" run "$root/configs/border.yaml" -o "$folder/border-$axis.nc" "$@"
    for format in pdf png svg; do
        for criterion in loss positions; do
            "$timescape" plot "$folder/border-$axis.nc" --y "$axis" --criterion "$criterion" --boundary \
                -o "$folder/border-$axis-$criterion.$format"
        done
        "$timescape" plot "$folder/border-$axis.nc" --kind outcomes --x "$axis" --y epsilon --at epsilon=2.8e-3 \
            -o "$folder/border-$axis-outcomes.$format"
    done
}
border h
border eta --set 'sweep.h={values: [3.0e-4]}' --set 'sweep.eta={values: [2.0e-3, 4.0e-3, 1.0e-2, 2.0e-2]}'
border noise --set 'sweep.h={values: [3.0e-4]}' --set 'sweep.noise={values: [0, 1, 2, 4, 8]}'

echo
ls "$folder"
