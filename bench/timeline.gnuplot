# gnuplot -e "csv='timeline.csv'; svg='timeline.svg'" timeline.gnuplot
# What each thread worked on: one bar for each batch, its colour the number of neurons.
set datafile separator ","
stats csv using 1 every ::1 nooutput
threads = int(STATS_max) + 1
stats csv using 3 every ::1 nooutput
end = STATS_max
stats csv using ($3 - $2) every ::1 nooutput
busy = 100 * STATS_sum / (threads * end)

height = 130 + 24 * (threads < 24 ? threads : 24)
set terminal svg size 900, height font "sans-serif,13" background "white"
set output svg
set title sprintf("%d batches on %d threads: busy %.1f %% of the time", STATS_records, threads, busy) noenhanced
set xlabel "time (s)"
set ylabel "thread"
set xrange [0:end]
set yrange [-0.6:threads - 0.4]
set ytics out nomirror 0, (threads > 24 ? 8 : 1)
set xtics out nomirror
set border 3
unset key
set logscale cb 2
set palette defined (0 "#440154", 1 "#3b528b", 2 "#21918c", 3 "#5ec962", 4 "#fde725") # viridis
set cblabel "neurons m"
set style fill solid 1.0 noborder
plot csv using (($2 + $3) / 2):1:2:3:($1 - 0.35):($1 + 0.35):5 every ::1 with boxxyerrorbars linecolor palette
