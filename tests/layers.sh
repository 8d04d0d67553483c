#!/bin/sh
# Usage: layers.sh ROOT. A file includes only what is in its own room or in one above it: the rooms are those of
# ARCHITECTURE.md ("Rooms"), from top to bottom, and a file belongs to the one with the longest name that its path begins
# with. So no two rooms include each other.
set -eu

root=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# check ROOT: a sentence for each line that must not be; fails where there is one
check() (
    cd "$1"
    find include src kernels bench tests -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' -o -name '*.cpp' -o -name '*.inc' \
        >"$folder/files"
    xargs grep -nH '^[[:space:]]*#[[:space:]]*include' <"$folder/files" >"$folder/includes"
    awk -v files="$folder/files" '
        function room(path,   name, found) {
            found = ""
            for (name in place)
                if (index(path, name) == 1 && length(name) > length(found))
                    found = name
            return found
        }
        FILENAME ~ /ARCHITECTURE.md$/ {
            if (/^## /)
                rooms = /^## Rooms/
            else if (rooms && /^[a-z]+\/[a-z.\/]* /)
                place[$1] = ++count
            next
        }
        FILENAME == files {
            there[$0] = 1
            if (room($0) == "")
                print $0 ": is in no room of ARCHITECTURE.md"
            next
        }
        {
            split($0, part, ":")
            path = part[1]
            quoted = /"/
            name = $0
            sub(/^[^<"]*[<"]/, "", name)
            sub(/[>"].*/, "", name)
            beside = path
            sub(/[^\/]*$/, "", beside)
            folders = split((quoted ? beside " " : "") "src/ ./ include/ bench/ tests/ tests/emulator/src/", folder, " ")
            for (i = 1; i <= folders; i++) {
                found = (folder[i] == "./" ? "" : folder[i]) name
                if (found in there)
                    break
            }
            if (i > folders) {
                if (quoted)
                    print path ":" part[2] ": includes " name ", which is nowhere"
            } else if (place[room(found)] > place[room(path)])
                print path ":" part[2] ": includes " name ", and " room(found) " is not above " room(path) " in ARCHITECTURE.md"
        }' ARCHITECTURE.md "$folder/files" "$folder/includes" >"$folder/found"
    cat "$folder/found"
    [ ! -s "$folder/found" ]
)

# A small tree first: what is forbidden there is found.
tree=$folder/tree
mkdir -p "$tree/include" "$tree/src/low/high" "$tree/src/low" "$tree/kernels" "$tree/bench" "$tree/tests"
printf '## Rooms\n\ninclude/public.h   a\nsrc/low/high/      b\nsrc/low/           c\nkernels/           d\ntests/             e\n\n## Other\nbench/ f\n' \
    >"$tree/ARCHITECTURE.md"
: >"$tree/include/public.h"
: >"$tree/src/low/high/high.h"
: >"$tree/src/low/low.h"
printf '#include <public.h>\n#include "high/high.h"\n#include "low/high/high.h"\n#include "low.h"\n' >"$tree/src/low/low.c"
printf '#include "kernel.cuh"\n#include "low/low.h"\n#include <stdio.h>\n' >"$tree/kernels/kernel.cu"
: >"$tree/kernels/kernel.cuh"
check "$tree" || { echo 'layers.sh: what is allowed is refused'; exit 1; }
refused() { # FILE LINE SENTENCE
    cp "$tree/$1" "$folder/before"
    printf '%s\n' "$2" >>"$tree/$1"
    ! check "$tree" >"$folder/said" || { echo "layers.sh: nothing was said of $2"; exit 1; }
    grep -q "$3" "$folder/said" || { cat "$folder/said"; echo "layers.sh: other words on $2"; exit 1; }
    cp "$folder/before" "$tree/$1"
}
refused src/low/low.c '#include "kernels/kernel.cuh"' 'low.c:5: includes kernels/kernel.cuh, and kernels/ is not above src/low/'
refused src/low/high/high.h ' # include "low/low.h"' 'src/low/ is not above src/low/high/'
refused include/public.h '#include <low/low.h>' 'src/low/ is not above include/public.h'
refused kernels/kernel.cu '#include "gone.h"' 'kernel.cu:4: includes gone.h, which is nowhere'
: >"$tree/bench/bench.c"
refused src/low/low.h '' 'bench/bench.c: is in no room'

check "$root" || exit 1
rooms=$(awk '/^## / { rooms = /^## Rooms/ } rooms && /^[a-z]+\/[a-z.\/]* / { count++ } END { print count }' "$root/ARCHITECTURE.md")
[ "$rooms" -ge 10 ] || { echo "layers.sh: only $rooms rooms were found"; exit 1; }
