#include "backend/monitor.h"

#include <time.h>

#define REPORT_INTERVAL 0.2 /* seconds */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void ts_monitor_begin(ts_monitor *monitor, const ts_run_options *options, ts_progress total) {
    *monitor = (ts_monitor){.options = options, .total = total, .began = now(), .busy = ATOMIC_FLAG_INIT};
    monitor->reported = monitor->began;
}

static void report(ts_monitor *monitor) {
    ts_progress progress = monitor->total;
    progress.trainings_done = monitor->trainings_done;
    progress.training_steps_done = (double)(monitor->training_steps + monitor->skipped_training_steps);
    progress.neuron_steps_done = (double)(monitor->neuron_steps + monitor->skipped_neuron_steps);
    progress.seconds = ts_monitor_seconds(monitor);
    if (!monitor->options->on_progress(monitor->options->context, &progress))
        monitor->stop = true;
}

bool ts_monitor_advance(ts_monitor *monitor, uint64_t steps, uint32_t neurons) {
    monitor->training_steps += steps;
    monitor->neuron_steps += steps * neurons;
    if (monitor->options->on_progress && !atomic_flag_test_and_set(&monitor->busy)) {
        if (now() - monitor->reported >= REPORT_INTERVAL) {
            monitor->reported = now();
            report(monitor);
        }
        atomic_flag_clear(&monitor->busy);
    }
    return !monitor->stop;
}

void ts_monitor_finish_training(ts_monitor *monitor, uint64_t skipped, uint32_t neurons) {
    monitor->trainings_done++;
    monitor->skipped_training_steps += skipped;
    monitor->skipped_neuron_steps += skipped * neurons;
}

void ts_monitor_end(ts_monitor *monitor) {
    if (monitor->options->on_progress)
        report(monitor);
}

bool ts_monitor_stopped(const ts_monitor *monitor) {
    return monitor->stop;
}

double ts_monitor_seconds(const ts_monitor *monitor) {
    return now() - monitor->began;
}
