#!/bin/sh
# Usage: exports.sh NM HEADER LIBRARY
# Does the shared LIBRARY export the functions that HEADER declares, and nothing else?
set -eu
nm=$1 header=$2 library=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Every declaration, in whatever way its lines are broken, is "... ts_name(": types come without a parenthesis, and members that
# are functions have names without ts_.
sed -e 's|/\*.*\*/||' -e '/^\/\*/,/\*\//d' -e '/^#/d' "$header" |
    sed -n 's/^[^ }].*[ *]\(ts_[a-z0-9_]*\)(.*/\1/p' | sort >"$scratch/declared"
"$nm" -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$scratch/exported"

if ! [ -s "$scratch/declared" ]; then
    echo "no function was found in $header" >&2
    exit 1
fi
if ! diff "$scratch/declared" "$scratch/exported" >"$scratch/difference"; then
    echo "what $header declares (<) is not what $library exports (>):" >&2
    grep '^[<>]' "$scratch/difference" >&2
    exit 1
fi
echo "$(wc -l <"$scratch/exported") functions"
