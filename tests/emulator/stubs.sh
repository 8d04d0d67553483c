#!/bin/sh
# Usage: stubs.sh OUTPUT SYMBOLS NM OBJECT...
# Writes C to OUTPUT: every function of the real library (listed in SYMBOLS) that the objects do not define gets a stub that returns
# cudaErrorNotSupported; the names of the per-thread streams jump to the plain ones.
set -eu
output=$1
symbols=$2
nm=$3
shift 3
defined=$("$nm" "$@" | awk '$2 == "T" { print $3 }' | sort -u)
printf '%s\n=\n' "$defined" | cat - "$symbols" | awk '
    BEGIN { print "int softgpu_stub(const char*);" }
    $1 == "=" { listed = 1; next }
    !listed { have[$1] = 1; next }
    have[$1] { next }
    {
        base = $1
        sub(/_pt[ds]?sz$|_ptds$|_ptsz$/, "", base)
        if (base != $1 && have[base])
            print "__asm__(\".globl " $1 "\\n.type " $1 ",@function\\n" $1 ": jmp " base "@PLT\\n\");"
        else
            print "int " $1 "(void);\nint " $1 "(void) { return softgpu_stub(\"" $1 "\"); }"
    }' >"$output"
