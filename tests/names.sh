#!/bin/sh
# Usage: names.sh FOLDER
# Two things never share a name: is a ts_ type or a ts_ function of the sources in FOLDER defined twice? What stands in for the
# GPU of the backend cuda in bench/simulated.c has the names of what it stands in for.
set -eu
cd "$1"

# shellcheck disable=SC2016 # a program of awk
# A definition begins at the left margin and has its name before the first brace.
find include src kernels bench -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' | grep -v '^bench/simulated\.c$' | sort |
    xargs awk '
    function defined(name) {
        count++
        if (name in file && file[name] != FILENAME) {
            printf "%s is defined in %s and in %s\n", name, file[name], FILENAME
            twice = 1
        }
        file[name] = FILENAME
    }
    FNR == 1 { head = "" }
    head != "" || /^[a-z_]/ { head = head " " $0 }
    head ~ /[;{]/ {
        if (match(head, /[;{]/) && substr(head, RSTART, 1) == "{") {
            sub(/{.*/, "", head)
            if (match(head, /(struct|enum|union) ts_[a-z0-9_]* *$/)) {
                sub(/ *$/, "", head)
                defined(substr(head, RSTART + index(substr(head, RSTART), " ")))
            } else if (match(head, /[ *]ts_[a-z0-9_]*\(/))
                defined(substr(head, RSTART + 1, RLENGTH - 2))
        }
        head = ""
    }
    END {
        if (!count)
            print "no definition was found"
        exit twice || !count
    }' >&2
