/* Progress out, the wish to stop in: shared by all threads of a run. */
#ifndef TS_BACKEND_MONITOR_H
#define TS_BACKEND_MONITOR_H

#include <stdatomic.h>
#include <timescape.h>

/* What the chunks of a backend took, by its own clock: from what was asked of the device to when it was seen to be
 * done. As long as a chunk lasts, nobody is asked whether to stop. */
typedef struct ts_chunk_times {
    uint64_t count;
    double seconds, longest; /* of all together, and of the longest */
} ts_chunk_times;

typedef struct ts_monitor {
    const ts_run_options *options;
    ts_progress total;      /* the totals, and what was done before; the rest is filled at each report */
    double began, reported; /* seconds of the monotonic clock; `reported` under `busy` */
    double report_seconds;  /* between two reports */
    double stopped;         /* the same, written before `stop` is set; 0 before */
    atomic_flag busy;       /* held by the thread that reports */
    atomic_bool stop;
    atomic_ullong trainings_done, limits_done;
    double training_steps, neuron_steps;                 /* really computed; by omp atomic, as the next */
    double skipped_training_steps, skipped_neuron_steps; /* of trainings that diverged */
    double *busy_seconds;                                /* [threads] time worked on trainings; each its own thread's */
    ts_chunk_times chunks;                               /* by omp critical */
} ts_monitor;

/* `busy_seconds` has one zero for each thread and stays the caller's. */
void ts_monitor_begin(ts_monitor *monitor, const ts_run_options *options, ts_progress total, double *busy_seconds);

/* `steps` more steps of a training of `neurons` neurons are done. Returns false when the run is to stop. */
bool ts_monitor_advance(ts_monitor *monitor, uint64_t steps, uint32_t neurons);

/* The same from inside of what takes long: is it to go on? `monitor` is a ts_monitor, or NULL, which always is. */
bool ts_monitor_go_on(void *monitor);

/* The same for the last bit of work on trainings that have done all their steps: it is given a moment after the run was
 * stopped, so that they are not lost for the sake of some milliseconds. */
bool ts_monitor_complete(void *monitor);

/* `trainings` trainings ended; `skipped` of their steps were not needed. */
void ts_monitor_finish(ts_monitor *monitor, uint32_t trainings, double skipped, uint32_t neurons);

/* The totals are others than was thought; between plans. */
void ts_monitor_expect(ts_monitor *monitor, ts_progress total);

/* So many limits are going to be computed; one of them is done. */
void ts_monitor_expect_limits(ts_monitor *monitor, uint64_t limits);
void ts_monitor_limit(ts_monitor *monitor);

/* The calling thread worked on trainings for so long. */
void ts_monitor_busy(ts_monitor *monitor, int thread, double seconds);

/* A chunk of steps took so long. */
void ts_monitor_chunk(ts_monitor *monitor, double seconds);

/* The last report, when no other thread runs any more. */
void ts_monitor_end(ts_monitor *monitor);

bool ts_monitor_stopped(const ts_monitor *monitor);
double ts_monitor_seconds(const ts_monitor *monitor);

#endif
