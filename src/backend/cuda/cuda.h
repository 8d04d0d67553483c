/* The CUDA backend's own parts. See backend.h for what the outside sees of it.
 *
 * A device is driven by one host thread, which keeps several waves in flight, each on a stream of its own. A wave is a
 * number of slots of one shape that advance together, a chunk of steps at a time; between two chunks the trainings that
 * ended are measured and counted, and their slots take new jobs. */
#ifndef TS_BACKEND_CUDA_CUDA_H
#define TS_BACKEND_CUDA_CUDA_H

#include "backend/cuda/jobs.h"
#include "launch.h"

/* What all waves of a device share. */
typedef struct ts_gpu {
    int index;
    char name[128];
    int multiprocessors;
    const ts_plan *plan;
    const ts_run_options *options;
    ts_monitor *monitor;
    ts_results *results;
    ts_jobs *jobs;
    ts_error *error;     /* of this device */
    bool out_of_memory;  /* the last error was that */
    ts_cell *cell;       /* [cell_count] on the device */
    uint32_t *replicate; /* [replicates] on the device; NULL where the plan has none */
    double share;        /* cost of the jobs that it may hold at a time, see ts_job */
    double held;         /* cost of those that it holds */
    double occupied;     /* the part of the device that they occupy: 1 fills it once */
    double busy;         /* seconds during which it had work */
} ts_gpu;

/* Fill error->message with what was tried on which device and what CUDA said. Returns false when status is an error. */
bool ts_gpu_check(ts_gpu *gpu, cudaError_t status, const char *tried);

typedef struct ts_wave ts_wave;

/* Memory for a wave of at most `slots` slots that work on jobs of a list; with less memory for fewer. NULL with the
 * error set. */
ts_wave *ts_wave_create(ts_gpu *gpu, size_t list, uint32_t slots);
void ts_wave_destroy(ts_wave *wave);

/* Slots without work; slots with work to advance; slots whose trainings ended and are to be measured. */
uint32_t ts_wave_free(const ts_wave *wave);
uint32_t ts_wave_active(const ts_wave *wave);
uint32_t ts_wave_ended(const ts_wave *wave);

/* Was something submitted and not yet collected? */
bool ts_wave_running(const ts_wave *wave);

/* Give a job to a free slot of a wave that does not run. */
void ts_wave_add(ts_wave *wave, const ts_job *job);

/* Launch what is to be done next: measure what ended, start what was added, and unless `ending` advance. */
bool ts_wave_submit(ts_wave *wave, bool ending);

/* Is the device done with what was submitted? *done is set. */
bool ts_wave_poll(ts_wave *wave, bool *done);

/* Take the results of what was submitted; trainings that ended wait for the next submit. */
void ts_wave_collect(ts_wave *wave);

/* Run jobs until none is left, the monitor wants to stop, or something fails (error->message is set then). */
bool ts_gpu_run(ts_gpu *gpu);

#endif
