# shellcheck shell=sh disable=SC2154,SC2034 # gpu-check.sh and its parts share their variables
# Reports of gpu-check.sh. A report is written under another name and renamed when it is whole: what lies in the folder is
# finished. Its head says how it went; lines `<!-- evidence NAME: figure -->` are for the row NAME of docs/gpu-evidence.md.

status_of() { sed -n 's/^- status: //p' "$1" | head -n 1; }

# In the body of a stage: its status (passed, FAILED, part: there was too little time, missing: a tool is not there). The
# worst one counts.
verdict=passed
judge() {
    case $verdict,$1 in
    *,FAILED | passed,* | missing,part) verdict=$1 ;;
    esac
}

# The verdict on a command from its exit status.
judge_status() { # status
    case $1 in
    0) ;;
    124) judge part ;;
    *) judge FAILED ;;
    esac
}

evidence() { # name of the row, figure
    printf '<!-- evidence %s: %s -->\n' "$1" "$2"
}

code() { # lines of the log that are shown, from its end
    printf '\n```\n'
    tail -n "${1:-40}" "$work/log"
    printf '```\n\n'
}

run_stage() { # name, report, seconds
    say "$1: begun, $([ "$limit" -eq "$no_limit" ] && echo 'no limit' || echo "at most $3 s")"
    unfinished=$output/.unfinished-$1
    stage_began=$(date +%s)
    verdict=passed
    "stage_$1" "$3" >"$unfinished.body"
    {
        printf '# %s: %s\n\n' "$1" "$(stages | sed -n "s/^$1 [0-9]* [0-9]* //p")"
        printf -- '- status: %s\n- device: %s\n- commit: %s\n- date: %s\n- seconds: %d\n\n' "$verdict" "$device" "$commit" \
            "$(date -u +'%F %H:%M UTC')" $(($(date +%s) - stage_began))
        cat "$unfinished.body"
        printf '\n<!-- end of the report -->\n'
    } >"$unfinished"
    sync "$unfinished" 2>/dev/null
    mv "$unfinished" "$2"
    rm -f "$unfinished.body"
    write_summary
    say "$1: $verdict"
}

# All figures so far: 'name<TAB>figure'.
figures() {
    sed -n 's/^<!-- evidence \([a-z-]*\): \(.*\) -->$/\1\t\2/p' "$output"/[0-9]*.md 2>/dev/null
}

# The rows of docs/gpu-evidence.md that have figures, with these in their last column.
rows() {
    figures | awk -F '\t' -v device="$device" -v commit="$commit" -v date="$(date -u +%F)" -v dry="$dry_run" '
        part == 1 { figure[$1] = figure[$1] (figure[$1] == "" ? "" : "; ") $2; next }
        {
            split($0, cell, / *\| */)
            if (!(cell[2] in figure)) next
            last = (dry == "true" ? "DRY RUN, no figure of a GPU: " : "") figure[cell[2]] " (" device ", commit " commit ", " date ")"
            sub(/\|[^|]*\|[ \t]*$/, "", $0)
            print $0 "| " last " |"
        }' part=1 - part=2 "$root/docs/gpu-evidence.md"
}

write_summary() {
    {
        printf '# The backend cuda on %s, commit %s\n\n' "$device" "$commit"
        printf '| stage | status | seconds | report |\n|---|---|---|---|\n'
        for path in "$output"/[0-9]*.md; do
            [ -e "$path" ] || continue
            file=${path##*/}
            name=${file#*-}
            printf '| %s | %s | %s | [%s](%s) |\n' "${name%.md}" "$(status_of "$path")" \
                "$(sed -n 's/^- seconds: //p' "$path" | head -n 1)" "$file" "$file"
        done
        printf '\nRows for docs/gpu-evidence.md:\n\n'
        rows
    } >"$output/.unfinished-summary"
    mv "$output/.unfinished-summary" "$output/summary.md"
}

print_rows() {
    echo 'Rows for docs/gpu-evidence.md:'
    echo
    rows
}
