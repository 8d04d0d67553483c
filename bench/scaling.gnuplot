# gnuplot -e "csv=...; svg=...; title=...; xname=...; yname=...; x='\$5'; y='\$11'; law='m'" scaling.gnuplot
# One curve for each algorithm in the CSV of timescape_throughput (column 3), both axes logarithmic, and a line that
# grows in proportion to x through the last point of the first curve.
set datafile separator ","
set terminal svg size 760, 440 font "sans-serif,14" background "white"
set output svg
set title title noenhanced
set xlabel xname noenhanced
set ylabel yname noenhanced
set logscale xy
set format "10^{%L}"
set xtics out nomirror
set ytics out nomirror
set border 3
set grid xtics ytics linecolor rgb "#e0e0e0" linewidth 0.5
set key outside right top noenhanced
set style line 1 linecolor rgb "#0072b2" linewidth 2 pointtype 7 pointsize 0.7 # colours of Okabe and Ito
set style line 2 linecolor rgb "#d55e00" linewidth 2 pointtype 5 pointsize 0.7
set style line 3 linecolor rgb "#000000" linewidth 1 pointtype 6 pointsize 1.2

algorithms = system("awk -F, 'NR > 1 && !seen[$3]++ { print $3 }' ".csv)
rows(name) = "< awk -F, '$3 == \"".name."\"' ".csv
stats rows(word(algorithms, 1)) using (last_x = @x, last_y = @y, last_y) nooutput
stats csv using (@x) every ::1 nooutput
set xrange [STATS_min / 1.3:STATS_max * 1.3]
plot for [i = 1:words(algorithms)] rows(word(algorithms, i)) using (@x):(@y) with linespoints linestyle i title word(algorithms, i), \
     last_y * x / last_x with lines linecolor rgb "#999999" linewidth 1 dashtype 2 title law
