#!/bin/sh
# Usage: resources.sh FOLDER
# Reads the resource reports of the compiler (*.resources) in FOLDER: no advance kernel may spill registers or use local
# memory, on any architecture, and all of them have the same kernels.
set -eu
find "$1" -name 'advance*.resources' -exec cat {} + | awk '
    /Compiling entry function/ {
        architecture = $NF
        kernel = $7
        advance = kernel ~ /advance/
        if (advance) count[architecture]++
    }
    advance && /bytes stack frame/ {
        checked++
        if ($0 !~ /^ *0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads/) {
            printf "%s for %s: %s\n", kernel, architecture, $0
            bad++
        }
    }
    advance && /Used [0-9]+ registers/ {
        match($0, /Used [0-9]+/)
        registers = substr($0, RSTART + 5, RLENGTH - 5) + 0
        if (registers > most[architecture]) most[architecture] = registers
    }
    END {
        for (architecture in count) {
            architectures++
            printf "%s: %d advance kernels, at most %d registers\n", architecture, count[architecture], most[architecture]
            if (architectures == 1) first = count[architecture]
            if (count[architecture] != first) { print "others have another number"; bad++ }
            kernels += count[architecture]
        }
        if (architectures == 0 || checked != kernels) { print "the reports are not complete"; bad++ }
        exit bad > 0
    }'
