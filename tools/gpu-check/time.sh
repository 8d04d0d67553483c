# shellcheck shell=sh disable=SC2154,SC2034 # gpu-check.sh and its parts share their variables
# Time of gpu-check.sh: what is left, and what each stage may have of it.

no_limit=1000000 # seconds

started() {
    began=$(date +%s)
    limit=$no_limit
    if [ -n "$minutes" ]; then limit=$(awk -v m="$minutes" 'BEGIN { printf "%d", 60 * m }'); fi
}

left() { echo $((limit - ($(date +%s) - began))); }

# How many times what they are to have can the stages have, in per cent; 'number:name ...'
share_time() {
    sum=0
    for entry in $1; do sum=$((sum + $(stages | sed -n "s/^${entry#*:} \([0-9]*\) .*/\1/p"))); done
    stretch=100
    if [ "$sum" -gt 0 ] && [ "$limit" -gt "$sum" ]; then stretch=$((100 * limit / sum)); fi
    if [ "$limit" -eq "$no_limit" ]; then stretch=2000; fi
}

# Seconds for a stage; 0: there is too little left to begin it. Two seconds are for its report.
budget_of() {
    stages | awk -v name="$1" -v left="$(($(left) - 2))" -v stretch="$stretch" -v dry="$dry_run" '$1 == name {
        wanted = int($2 * stretch / 100)
        least = dry == "true" ? 1 : $3
        print (left < least ? 0 : left < wanted ? left : wanted)
    }'
}

# Run a command for so many seconds at most, with its output in $work/log; its status, 124 when it was cut.
limited() { # seconds, command...
    seconds=$1
    shift
    timeout -k 2 "$seconds" "$@" >"$work/log" 2>&1 &
    running=$!
    wait "$running"
    ended=$?
    running=
    if [ "$ended" -eq 137 ]; then ended=124; fi
    return "$ended"
}
