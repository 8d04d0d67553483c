# shellcheck shell=sh disable=SC2154,SC2034 # gpu-check.sh and its parts share their variables
# The stages of gpu-check.sh: each a function that gets the seconds it may take, runs its commands by `limited`, prints the
# body of its report and says by `judge` how it went. --dry-run makes everything tiny.

sizes='8 20 32 64 128 256 1024 4096'

# ---- (a) what there is, and the same bits

stage_device() { # seconds
    if command -v nvidia-smi >/dev/null 2>&1; then
        limited "$1" nvidia-smi \
            --query-gpu=name,driver_version,clocks.max.sm,clocks.sm,clocks.mem,power.limit,temperature.gpu,mig.mode.current \
            --format=csv || judge missing
        code
    else
        judge missing
        printf 'nvidia-smi is not there.\n'
    fi
    limited 30 "$build/bench/timescape_info"
    judge_status $?
    code
    printf '| tool | |\n|---|---|\n'
    for tool in ncu compute-sanitizer "$python"; do
        found='not there'
        if command -v "$tool" >/dev/null 2>&1; then
            found=$(timeout 20 "$tool" --version 2>&1 | grep '[0-9]\.[0-9]' | head -n 1)
        fi
        printf '| %s | %s |\n' "$tool" "$found"
    done
    printf '| C library | %s |\n| kernel | %s |\n' "$(ldd --version 2>/dev/null | head -n 1)" "$(uname -sr)"
}

# One seed of the parity in so many seconds.
parity_of_seed() { # seed, seconds for the configurations, seconds at most
    if $dry_run; then
        limited "$3" "$build/timescape_parity" --small --configurations 14 --seed "$1"
    elif [ "$limit" -eq "$no_limit" ]; then
        limited "$3" "$build/timescape_parity" --configurations 400 --seed "$1"
    else
        limited "$3" "$build/timescape_parity" --configurations 100000 --seconds "$2" --seed "$1"
    fi
    ended=$?
    judge_status $ended
    printf '\nSeed %d:\n' "$1"
    code 60
    counted=$(sed -n 's/^parity: \(.*\)/\1/p' "$work/log")
    kernels=$(sed -n 's/^kernels: \(.*\) ran$/\1/p' "$work/log")
    [ -n "$counted" ] || counted="cut: $(sed -n 's/^after //p' "$work/log" | tail -n 1)"
    summary="$counted${kernels:+, $kernels kernels}"
    [ "$ended" -eq 0 ]
}

stage_parity() { # seconds
    limited 30 "$build/timescape_faults"
    judge_status $?
    printf 'A run compared training by training:\n'
    code 5
    golden=$root/tests/golden/trainings.txt
    if $dry_run; then # its first cells
        awk 'BEGIN { RS = ""; ORS = "\n\n" } NR <= 5' "$golden" >"$work/golden"
        golden=$work/golden
    fi
    limited 60 "$build/timescape_golden" "$golden" --backend cuda
    ended=$?
    judge_status $ended
    printf 'Golden trainings:\n'
    code 5
    if [ $ended -eq 0 ]; then evidence golden "passed: $(tail -n 1 "$work/log")"; fi
    if parity_of_seed 1 $(($1 * 6 / 10)) "$1"; then right=true; else right=false; fi
    all=$summary
    used=$(($(date +%s) - stage_began))
    if $right && [ $(($1 - used)) -ge 20 ] && ! $dry_run; then
        parity_of_seed 2 1 $(($1 - used)) # the quick set of another seed, or with no limit as many as of the first
        all="$all; $summary"
    fi
    evidence parity "$all"
    if $right; then
        evidence resume "passed with the parity: $all"
        evidence curand 'passed with the parity: every training draws its words from it'
        evidence kernels 'passed with the parity'
    fi
}

# ---- (b, d, h) speed

# Columns of timescape_throughput's CSV as rows of a Markdown table.
csv_rows() { # file, columns by name...
    file=$1
    shift
    awk -F , -v wanted="$*" '
        NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i; count = split(wanted, name, " "); next }
        {
            line = "|"
            for (i = 1; i <= count; i++) {
                value = $place[name[i]]
                if (name[i] == "of_bound" && value != "") value = sprintf("%.1f %%", 100 * value)
                line = line " " (value == "" ? "n/a" : value) " |"
            }
            print line
        }' "$file"
}

# Measure rows, into $work/csv.
throughput() { # seconds at most, seconds of a repeat, repeats, arguments...
    most=$1
    repeat_seconds=$2
    repeats=$3
    shift 3
    rm -f "$work/csv"
    if $dry_run; then
        set -- --replicates 1 --steps 30 "$@"
    else
        set -- --seconds "$repeat_seconds" "$@"
    fi
    counts=$root/counts.txt
    if [ -e "$counts" ]; then set -- --counts "$counts" "$@"; fi
    limited "$most" "$build/bench/timescape_throughput" --backend cuda --repeat "$repeats" --csv "$work/csv" "$@"
}

# Seconds of a repeat when a row of so many repeats may take so long: two runs before them are as long, and a program and
# its search for the number of steps take a second.
repeat_of() { # seconds of a row, repeats
    awk -v all="$1" -v repeats="$2" 'BEGIN {
        s = (all - 1) / (repeats + 2)
        printf "%.2f", (s > 2 ? 2 : s < 0.1 ? 0.1 : s)
    }'
}

# What went wrong with a row, as a sentence in the report.
row_failed() { # status, row
    judge_status "$1"
    if [ "$1" -eq 124 ]; then
        printf '\n%s: cut, the time was over.\n\n' "$2"
    else
        printf '\n%s: %s\n\n' "$2" "$(tail -n 1 "$work/log")"
    fi
}

stage_throughput() { # seconds
    ends=$(($(date +%s) + $1))
    each=$(repeat_of "$(awk -v s="$1" 'BEGIN { print s / 8 }')" 3)
    columns='neurons replicates training_steps_per_second neuron_steps_per_second spread of_bound clock_hz watts'
    [ -e "$root/counts.txt" ] || printf 'Without a file of instruction counts (tools/sass-report.sh --counts) there is no bound.\n\n'
    printf '| m | trainings | training steps/s | neuron steps/s | spread | part of the bound | clock (Hz) | W |\n'
    printf '|---|---|---|---|---|---|---|---|\n'
    figure=
    for m in $sizes; do
        if [ $((ends - $(date +%s))) -lt 1 ]; then
            judge part
            continue
        fi
        throughput $((ends - $(date +%s))) "$each" 3 --neurons "$m"
        ended=$?
        if [ $ended -ne 0 ]; then
            row_failed $ended "m = $m"
            continue
        fi
        # shellcheck disable=SC2086 # a list
        csv_rows "$work/csv" $columns
        # shellcheck disable=SC2086
        figure="$figure$(csv_rows "$work/csv" $columns | awk -F ' *[|] *' '{
            printf ", m = %s: %s neuron steps/s (%s)", $2, $5, $7 }')"
    done
    printf '\nThe spread is that of the repeats, (slowest - fastest) / median. The bound is that of the issue slots.\n'
    if [ -n "$figure" ]; then
        evidence throughput "${figure#, }"
        evidence measures 'passed, see throughput'
    fi
}

# Network sizes, and lanes of a training to be tried for each.
lane_choices() {
    echo '64 0,4'
    if $dry_run; then return; fi
    cat <<'TEXT'
96 0,4,8
128 0,8
256 0,8,16
512 0,16,32
1024 0,32
2048 0,32
TEXT
}

stage_shapes() { # seconds
    ends=$(($(date +%s) + $1))
    each=$(repeat_of "$(awk -v s="$1" 'BEGIN { print (s - 7) / 22 + 1 }')" 2)
    lane_choices >"$work/choices"
    printf 'Lanes 0: as the backend chooses. Other numbers are the fewest that may be taken.\n\n'
    printf '| m | lanes | training steps/s | of the fastest |\n|---|---|---|---|\n'
    figure=
    while read -r m lanes; do
        if [ $((ends - $(date +%s))) -lt 1 ]; then
            judge part
            continue
        fi
        throughput $((ends - $(date +%s))) "$each" 2 --neurons "$m" --lane-group "$lanes" </dev/null
        ended=$?
        if [ $ended -ne 0 ]; then
            row_failed $ended "m = $m"
            continue
        fi
        csv_rows "$work/csv" neurons lane_group training_steps_per_second | awk -F ' *[|] *' '
            { row[NR] = "| " $2 " | " $3 " | " $4; rate[NR] = $4 + 0; if (rate[NR] > best) best = rate[NR] }
            END { for (i = 1; i <= NR; i++) printf "%s | %.0f %% |\n", row[i], (best > 0 ? 100 * rate[i] / best : 0) }' \
            >"$work/rows"
        cat "$work/rows"
        figure="$figure$(awk -F ' *[|] *' '
            $3 == 0 { chosen = $5; m = $2 }
            $5 == "100 %" { best = $3 }
            END { printf ", m = %s: %s of the fastest (%s)", m, chosen, (best == 0 ? "chosen" : best " lanes") }' "$work/rows")"
    done <"$work/choices"
    [ -z "$figure" ] || evidence shapes "lanes as chosen: ${figure#, }"
}

stage_energy() { # seconds
    ends=$(($(date +%s) + $1))
    each=$(repeat_of "$(awk -v s="$1" 'BEGIN { print s / 3 }')" 2)
    printf '| m | J per 1e12 neuron steps | W | clock (Hz) | neuron steps/s |\n|---|---|---|---|---|\n'
    figure=
    for m in 20 256 4096; do
        if [ $((ends - $(date +%s))) -lt 1 ]; then
            judge part
            continue
        fi
        throughput $((ends - $(date +%s))) "$each" 2 --neurons "$m"
        ended=$?
        if [ $ended -ne 0 ]; then
            row_failed $ended "m = $m"
            continue
        fi
        csv_rows "$work/csv" neurons joules_per_1e12_neuron_steps watts clock_hz neuron_steps_per_second >"$work/rows"
        cat "$work/rows"
        figure="$figure$(awk -F ' *[|] *' '$3 != "n/a" { printf ", m = %s: %s J per 1e12 neuron steps", $2, $3 }' "$work/rows")"
    done
    printf '\nOf the whole board, starts and losses included; the host is not counted.\n'
    if [ -n "$figure" ]; then
        evidence energy "${figure#, }"
    else
        printf 'NVML tells no energy here.\n'
        judge missing
    fi
}

# ---- (c) inside the kernels

metrics() { # one a line
    cat <<'TEXT'
gpu__time_duration.sum
smsp__issue_active.avg.pct_of_peak_sustained_active
smsp__issue_active.avg.per_cycle_active
smsp__warps_active.avg.per_cycle_active
smsp__warps_eligible.avg.per_cycle_active
smsp__thread_inst_executed_per_inst_executed.ratio
l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum
l1tex__data_pipe_lsu_wavefronts_mem_shared.sum
launch__registers_per_thread
launch__grid_size
smsp__average_warps_active_per_issue_active.ratio
TEXT
    for reason in barrier branch_resolving dispatch_stall drain imc_miss lg_throttle long_scoreboard math_pipe_throttle \
        membar mio_throttle misc no_instruction not_selected selected short_scoreboard sleeping tex_throttle wait; do
        echo "smsp__average_warps_issue_stalled_${reason}_per_issue_active.ratio"
    done
}

# ncu on the launches; its table goes to the file $work/ncu.csv, with the program's own lines in the log.
profile() { # seconds, what to measure...
    most=$1
    shift
    rm -f "$work/ncu.csv"
    if $dry_run; then steps='--steps 4 --slots 1'; else steps=; fi
    # shellcheck disable=SC2086 # $steps is a list
    LC_ALL=C limited "$most" ncu --csv --log-file "$work/ncu.csv" --profile-from-start off --clock-control none "$@" \
        "$build/bench/timescape_launches" $steps
}

stage_ncu() { # seconds
    ends=$(($(date +%s) + $1))
    if ! command -v ncu >/dev/null 2>&1; then
        judge missing
        printf 'ncu is not there.\n'
        return
    fi
    asked=$(metrics)
    while :; do # one name that this ncu does not know stops it: do without, and ask again
        profile $((ends - $(date +%s))) --metrics "$(printf '%s\n' "$asked" | paste -s -d , -)"
        ended=$?
        unknown=$(cat "$work/log" "$work/ncu.csv" 2>/dev/null |
            sed -n 's/.*Failed to find metric \(regex:^\)\{0,1\}\([A-Za-z0-9_]*\).*/\2/p' | head -n 1)
        if [ -z "$unknown" ] || [ $((ends - $(date +%s))) -le 0 ]; then break; fi
        printf 'This ncu does not know %s.\n\n' "$unknown"
        rest=$(printf '%s\n' "$asked" | grep -v "^$unknown\(\.\|$\)")
        [ "$rest" != "$asked" ] || break
        asked=$rest
    done
    ncu_table metrics
    if [ "$found" -eq 0 ] && [ "$ended" -ne 124 ] && [ $((ends - $(date +%s))) -gt 1 ]; then
        printf 'These metrics by name gave nothing:\n'
        { cat "$work/log"; grep '^==' "$work/ncu.csv"; } 2>/dev/null | tail -n 12 | sed 's/^/    /'
        printf '\nHence whole sections of ncu:\n\n'
        profile $((ends - $(date +%s))) --section SchedulerStats --section WarpStateStats --section Occupancy \
            --section ComputeWorkloadAnalysis
        ended=$?
        ncu_table sections
    fi
    if [ "$found" -gt 0 ]; then
        cp "$work/ncu.csv" "$output/ncu.csv"
        printf '\nEverything is in ncu.csv.\n'
        judge_status "$ended"
    elif [ "$ended" -eq 124 ]; then
        judge part
    else # no right to read the counters, or another ncu than is known here: nothing about the kernels
        judge missing
    fi
    printf '\nThe launches, on the clock of the host, profiling included:\n'
    code 20
}

# The table of $work/ncu.csv, and its figure; $found: kernels in it.
ncu_table() { # metrics, sections
    found=0
    [ -s "$work/ncu.csv" ] || return
    awk -v by="$1" -f "$root/tools/gpu-check/ncu.awk" "$work/ncu.csv" >"$work/rows"
    found=$(sed -n 's/^kernels: //p' "$work/rows")
    grep -v '^\(kernels\|figure\): ' "$work/rows"
    figure=$(sed -n 's/^figure: //p' "$work/rows")
    [ -z "$figure" ] || evidence ncu "$figure"
}

# ---- (e) peers

stage_peers() { # seconds
    modules=numpy,scipy,yaml
    if $dry_run; then modules=numpy; fi
    if ! timeout 30 "$python" -P -c "import $modules" >"$work/log" 2>&1; then
        judge missing
        printf '%s with %s is not there.\n' "$python" "$modules"
        return
    fi
    results=$output/peers
    mkdir -p "$results"
    if $dry_run; then
        set -- "$1" --dry-run
    else
        set -- "$1" --quick --continue --neurons 20 256 1024
    fi
    most=$1
    shift
    limited "$most" sh "$root/tools/bench.sh" --gpu --build "$build" --results "$results" --python "$python" "$@"
    ended=$?
    # That a peer is missing, or fails, is said in its report: the stage fails where there is none.
    page=$(find "$results" -name '*-gpu.md' | sort | tail -n 1)
    if [ "$ended" -eq 124 ]; then
        judge part
    elif [ -z "$page" ] || { $dry_run && [ "$ended" -ne 0 ]; }; then
        judge FAILED
    fi
    code 12
    [ -n "$page" ] || return
    sed 's/^#/##/' "$page"
    "$python" -P "$root/tools/gpu-check/peers.py" "${page%.md}.json" >"$work/rows" || judge FAILED
    evidence peers-gate "$(sed -n 1p "$work/rows")"
    if [ -n "$(sed -n 2p "$work/rows")" ]; then evidence peers "$(sed -n 2p "$work/rows")"; fi
}

# ---- (f) checkers

stage_sanitizer() { # seconds
    if ! command -v compute-sanitizer >/dev/null 2>&1; then
        judge missing
        printf 'compute-sanitizer is not there.\n'
        return
    fi
    figure=
    for tool in memcheck racecheck; do
        if $dry_run; then
            set -- "$1" --configurations 14
        else
            set -- "$1" --configurations 60 --least 14 --seconds $(($1 / 3))
        fi
        half=$(($1 / 2))
        all=$1
        shift
        limited "$half" compute-sanitizer --tool "$tool" --error-exitcode 9 "$build/timescape_parity" --small "$@"
        ended=$?
        set -- "$all"
        judge_status $ended
        printf '\n%s:\n' "$tool"
        code 20
        errors=$(sed -n 's/^========= \(\(ERROR\|RACECHECK\) SUMMARY: .*\)/\1/p' "$work/log" | tail -n 1)
        counted=$(sed -n 's/^parity: \(.*\)/\1/p' "$work/log")
        [ -n "$counted" ] || counted=$(sed -n 's/^after /cut after /p' "$work/log" | tail -n 1)
        figure="$figure, $tool: ${errors:-no summary}, ${counted:-none done}"
    done
    evidence sanitizer "${figure#, }"
}

# ---- (g) the workload

stage_phase() { # seconds
    if $dry_run; then
        limited "$1" "$build/bench/timescape_phase" --seconds 0.5 --replicates 1 --epsilons 2 --sizes 3 --stops 0
    else
        # to find the part that takes so long takes a quarter of it more; a minute says as much as ten
        limited "$1" "$build/bench/timescape_phase" --stops 0 --seconds \
            "$(awk -v s="$1" 'BEGIN { s = (s - 12) * 0.75; print (s > 60 ? 60 : s < 2 ? 2 : s) }')"
    fi
    judge_status $?
    code
    idle=$(sed -n 's/^idle *//p' "$work/log")
    rate=$(sed -n 's/^time *[^,]*, \([^,]*\),.*/\1/p' "$work/log")
    whole=$(sed -n 's/^workload *//p' "$work/log")
    chunks=$(sed -n 's/^chunks *//p' "$work/log")
    if [ -n "$idle" ]; then
        evidence phase "idle for $idle; $rate ($whole)"
        evidence chunks "chunks of the workload: $chunks"
    fi
    if $dry_run; then set -- --replicates 1; else set --; fi
    limited 20 "$build/bench/timescape_schedule" --multiprocessors "${multiprocessors:-132}" "$@"
    printf 'What the simulation says of the whole workload on as many multiprocessors:\n'
    code 4
}

stage_stops() { # seconds
    if $dry_run; then
        limited "$1" "$build/bench/timescape_phase" --seconds 0 --replicates 1 --epsilons 2 --sizes 3 --stops 2
    else
        limited "$1" "$build/bench/timescape_phase" --seconds 0 --stops 5
    fi
    judge_status $?
    code
    figure=$(sed -n 's/^stops *//p' "$work/log")
    [ -z "$figure" ] || evidence chunks "interrupted: $figure"
    slowest=$(sed -n 's/^stops .* at most \([0-9.]*\) s from.*/\1/p' "$work/log")
    if [ -n "$slowest" ] && ! $dry_run && awk -v s="$slowest" 'BEGIN { exit s <= 1 }'; then
        judge FAILED
        printf 'A run is to end within a second.\n'
    fi
}
