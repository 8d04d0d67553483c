#include "backend/monitor.h"

#include "base/clock.h"

#define REPORT_SECONDS 0.2 /* between two reports, unless the options say it */
#define COMPLETING 0.3     /* seconds after the wish to stop */

/* Sums of doubles shared by the threads; whole numbers, which is exact far beyond any run. */
static void add(double *sum, double value) {
#pragma omp atomic update
    *sum += value;
}

static double value_of(const double *sum) {
    double value;
#pragma omp atomic read
    value = *sum;
    return value;
}

void ts_monitor_begin(ts_monitor *monitor, const ts_run_options *options, ts_progress total, double *busy_seconds) {
    *monitor = (ts_monitor){.options = options,
                            .total = total,
                            .began = ts_seconds_now(),
                            .busy = ATOMIC_FLAG_INIT,
                            .busy_seconds = busy_seconds};
    monitor->report_seconds = options->report_seconds > 0 ? options->report_seconds : REPORT_SECONDS;
    monitor->reported = monitor->began;
}

static void report(ts_monitor *monitor) {
    ts_progress progress = monitor->total;
    progress.trainings_done = progress.trainings_before + monitor->trainings_done;
    progress.limits_done = monitor->limits_done;
    progress.training_steps_done = progress.training_steps_before + value_of(&monitor->training_steps) +
                                   value_of(&monitor->skipped_training_steps);
    progress.neuron_steps_done =
        progress.neuron_steps_before + value_of(&monitor->neuron_steps) + value_of(&monitor->skipped_neuron_steps);
    progress.seconds = ts_monitor_seconds(monitor);
    if (!monitor->options->on_progress(monitor->options->context, &progress) && !monitor->stop) {
        monitor->stopped = ts_seconds_now();
        monitor->stop = true;
    }
}

bool ts_monitor_advance(ts_monitor *monitor, uint64_t steps, uint32_t neurons) {
    add(&monitor->training_steps, (double)steps);
    add(&monitor->neuron_steps, (double)steps * neurons);
    if (monitor->options->on_progress && !atomic_flag_test_and_set(&monitor->busy)) {
        if (ts_seconds_now() - monitor->reported >= monitor->report_seconds) {
            monitor->reported = ts_seconds_now();
            report(monitor);
        }
        atomic_flag_clear(&monitor->busy);
    }
    return !monitor->stop;
}

bool ts_monitor_go_on(void *monitor) {
    return !monitor || ts_monitor_advance(monitor, 0, 0);
}

bool ts_monitor_complete(void *monitor) {
    const ts_monitor *asked = monitor;
    return ts_monitor_go_on(monitor) || ts_seconds_now() - asked->stopped < COMPLETING;
}

void ts_monitor_finish(ts_monitor *monitor, uint32_t trainings, double skipped, uint32_t neurons) {
    monitor->trainings_done += trainings;
    add(&monitor->skipped_training_steps, skipped);
    add(&monitor->skipped_neuron_steps, skipped * neurons);
}

void ts_monitor_expect(ts_monitor *monitor, ts_progress total) {
    monitor->total.trainings_total = total.trainings_total;
    monitor->total.training_steps_total = total.training_steps_total;
    monitor->total.neuron_steps_total = total.neuron_steps_total;
}

void ts_monitor_expect_limits(ts_monitor *monitor, uint64_t limits) {
    monitor->total.limits_total = limits;
}

void ts_monitor_limit(ts_monitor *monitor) {
    monitor->limits_done++;
}

void ts_monitor_busy(ts_monitor *monitor, int thread, double seconds) {
    monitor->busy_seconds[thread] += seconds;
}

void ts_monitor_chunk(ts_monitor *monitor, double seconds) {
    ts_chunk_times *chunks = &monitor->chunks;
#pragma omp critical(ts_chunks)
    {
        chunks->count++;
        chunks->seconds += seconds;
        chunks->longest = seconds > chunks->longest ? seconds : chunks->longest;
    }
}

void ts_monitor_end(ts_monitor *monitor) {
    if (monitor->options->on_progress)
        report(monitor);
}

bool ts_monitor_stopped(const ts_monitor *monitor) {
    return monitor->stop;
}

double ts_monitor_seconds(const ts_monitor *monitor) {
    return ts_seconds_now() - monitor->began;
}
