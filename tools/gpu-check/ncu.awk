# The table of a profile: `ncu --csv` (a line for each launch and metric) in, a row for each kernel out, then the lines
# "kernels: N" and "figure: ...". by=metrics: metrics were asked for by name; else sections of ncu, whose labels are taken.

# The fields of a line of CSV into value[1..]; quoted ones may hold commas.
function fields(line,    count, rest) {
    count = 0
    rest = line
    while (rest != "") {
        count++
        if (substr(rest, 1, 1) == "\"") {
            rest = substr(rest, 2)
            value[count] = ""
            while (match(rest, /^[^"]*""/)) { # a doubled quote
                value[count] = value[count] substr(rest, 1, RLENGTH - 1)
                rest = substr(rest, RLENGTH + 1)
            }
            match(rest, /^[^"]*/)
            value[count] = value[count] substr(rest, 1, RLENGTH)
            rest = substr(rest, RLENGTH + 3)
        } else {
            match(rest, /^[^,]*/)
            value[count] = substr(rest, 1, RLENGTH)
            rest = substr(rest, RLENGTH + 2)
        }
    }
    return count
}

# "void advance_dealt_kernel<(int)4, 8>(ts_wave_memory, unsigned long)" -> "advance_dealt 4, 8"
function short(name) {
    sub(/^void /, "", name)
    gsub(/\((unsigned )?(int|long|bool)\)/, "", name)
    sub(/\(.*/, "", name)
    sub(/_kernel/, "", name)
    sub(/</, " ", name)
    sub(/>.*/, "", name)
    return name
}

function number(text) {
    gsub(/,/, "", text)
    return text
}

function known(kernel, metric) {
    return (kernel SUBSEP metric) in found && found[kernel, metric] ~ /^[0-9.eE+-]+$/
}

function shown(kernel, metric, format) {
    return known(kernel, metric) ? sprintf(format, found[kernel, metric]) : "n/a"
}

# The three reasons for which the warps wait most, with their part of all cycles between two instructions of a warp.
function stalls(kernel,    text, rank, best, metric, reason, all, taken) {
    all = 0
    for (metric in is_stall)
        if (known(kernel, metric)) all += found[kernel, metric]
    text = ""
    for (rank = 1; rank <= 3 && all > 0; rank++) {
        best = ""
        for (metric in is_stall)
            if (known(kernel, metric) && !(metric in taken) && (best == "" || found[kernel, metric] + 0 > found[kernel, best] + 0))
                best = metric
        if (best == "") break
        taken[best] = 1
        reason = best
        sub(/.*issue_stalled_/, "", reason)
        sub(/_per_issue_active.*/, "", reason)
        text = text (text == "" ? "" : ", ") reason " " sprintf("%.0f %%", 100 * found[kernel, best] / all)
    }
    return text == "" ? "n/a" : text
}

/^"ID",/ {
    count = fields($0)
    for (i = 1; i <= count; i++) column[value[i]] = i
    began = 1
    next
}
began && /^"/ {
    fields($0)
    kernel = short(value[column["Kernel Name"]])
    metric = value[column["Metric Name"]]
    if (metric == "") next # a rule of a section
    if (!(kernel in seen)) order[++kernels] = kernel
    seen[kernel] = 1
    found[kernel, metric] = number(value[column["Metric Value"]]) # the last launch of a kernel counts: it is warm
    unit[metric] = value[column["Metric Unit"]]
    if (metric ~ /issue_stalled/) is_stall[metric] = 1
    if (known(kernel, metric)) values++
    if (!(metric in listed)) { listed[metric] = 1; label[++labels] = metric }
}
END {
    if (values == 0) { print "kernels: 0"; exit }
    if (by == "metrics") {
        print "| kernel | warps launched | registers | issue slots used | active warps of a scheduler | eligible | lanes active | most waiting for | bank conflicts of shared memory | of its accesses | microseconds |"
        print "|---|---|---|---|---|---|---|---|---|---|---|"
        for (i = 1; i <= kernels; i++) {
            k = order[i]
            conflicts = "l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum"
            accesses = "l1tex__data_pipe_lsu_wavefronts_mem_shared.sum"
            part = known(k, conflicts) && known(k, accesses) && found[k, accesses] > 0 ? \
                sprintf("%.1f %%", 100 * found[k, conflicts] / found[k, accesses]) : "n/a"
            used = "smsp__issue_active.avg.pct_of_peak_sustained_active"
            if (!known(k, used) && known(k, "smsp__issue_active.avg.per_cycle_active"))
                found[k, used] = 100 * found[k, "smsp__issue_active.avg.per_cycle_active"]
            time = "gpu__time_duration.sum"
            scale = unit[time] ~ /^(nsecond|ns)$/ ? 1e-3 : unit[time] ~ /^(msecond|ms)$/ ? 1e3 : 1
            if (known(k, time)) found[k, time] *= scale
            print "| " k " | " shown(k, "launch__grid_size", "%d") " | " shown(k, "launch__registers_per_thread", "%d") " | " \
                shown(k, used, "%.1f %%") " | " shown(k, "smsp__warps_active.avg.per_cycle_active", "%.2f") " | " \
                shown(k, "smsp__warps_eligible.avg.per_cycle_active", "%.2f") " | " \
                shown(k, "smsp__thread_inst_executed_per_inst_executed.ratio", "%.1f") " | " stalls(k) " | " \
                shown(k, conflicts, "%d") " | " part " | " shown(k, time, "%.1f") " |"
            if (k ~ /^advance/) {
                advances++
                figure = figure (figure == "" ? "" : "; ") k ": " shown(k, used, "%.0f %%") " of the issue slots, waits for " stalls(k)
            }
        }
    } else {
        line = "| kernel |"
        rule = "|---|"
        for (j = 1; j <= labels; j++) {
            line = line " " label[j] (unit[label[j]] == "" ? "" : " (" unit[label[j]] ")") " |"
            rule = rule "---|"
        }
        print line
        print rule
        for (i = 1; i <= kernels; i++) {
            line = "| " order[i] " |"
            for (j = 1; j <= labels; j++) line = line " " ((order[i] SUBSEP label[j]) in found ? found[order[i], label[j]] : "n/a") " |"
            print line
            if (order[i] ~ /^advance/) {
                advances++
                if (known(order[i], "Issue Slots Busy"))
                    figure = figure (figure == "" ? "" : "; ") order[i] ": " found[order[i], "Issue Slots Busy"] " % of the issue slots"
            }
        }
    }
    print "kernels: " kernels
    if (figure != "") print "figure: " advances " advance kernels: " figure
}
