# Throughput and memory against the size of the backlog, from what export_bench measured.
#   gnuplot -e "csv='export.csv'; svg='backlog.svg'" backlog.gnuplot
set terminal svg size 800,420 background rgb 'white' font 'sans,12'
set output svg
set datafile separator ','
set logscale x
set xlabel 'logs in the backlog'
set ylabel 'logs per second'
set y2label 'peak resident memory, MB'
set yrange [0:*]
set y2range [0:64]
set ytics nomirror
set y2tics
set key bottom right
set grid
plot csv using (strcol(1) eq 'backlog size' ? $2 : NaN):10 with linespoints pt 7 \
       title 'logs per second, sandbox and service on one machine', \
     csv using (strcol(1) eq 'backlog size' ? $2 : NaN):14 axes x1y2 with linespoints pt 5 \
       title 'memory (budget 64 MB)'
