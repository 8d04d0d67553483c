/* Who works when on a device: policy without CUDA. What it drives is declared here too and defined twice: by device.c
 * and wave.c for GPUs, and by bench/simulated.c for a simulated one.
 *
 * A device is driven by one host thread, which keeps several waves in flight, each on a stream of its own. A wave is a
 * number of slots of one shape that advance together, a chunk of steps at a time; between two chunks the trainings that
 * ended are measured and counted, and their slots take new jobs. */
#ifndef TS_BACKEND_CUDA_GPU_H
#define TS_BACKEND_CUDA_GPU_H

#include "backend/cuda/jobs.h"

typedef struct ts_wave ts_wave;
typedef struct ts_slots ts_slots;
typedef struct ts_list_waves ts_list_waves;

typedef struct ts_gpu {
    int index;       /* of the GPU on this machine */
    uint32_t number; /* of the device in this run, from 0 */
    char name[128];
    int multiprocessors;
    const ts_plan *plan;
    const ts_run_options *options;
    ts_monitor *monitor;
    ts_results *results;
    ts_jobs *jobs;
    ts_error *error;      /* of this device */
    bool out_of_memory;   /* the last error was that */
    void *device;         /* what stands behind it: see device.c */
    double share;         /* cost of the jobs that it may hold at a time, see ts_job */
    double held;          /* cost of those that it holds */
    double occupied;      /* the part of the device that they occupy: 1 fills it once */
    double busy;          /* seconds during which it had work */
    double busy_from;     /* since when it has */
    ts_list_waves *waves; /* [jobs->list_count] */
    bool *open;           /* [jobs->list_count] scratch */
} ts_gpu;

/* Say how much of the jobs each of the devices may hold at a time. */
void ts_gpu_share(ts_gpu *gpus, size_t count);

typedef enum ts_turn { TS_TURN_WAITS, TS_TURN_ENDED, TS_TURN_FAILED } ts_turn;

/* Prepare a device. Returns false with gpu->error set; ts_gpu_end is allowed then, too. */
bool ts_gpu_begin(ts_gpu *gpu);

/* Take the results of the waves that are done, give out jobs, submit. Then the device works, and another turn is to
 * follow when ts_device_wait returns; or no job is left or the monitor wants to stop; or something failed. */
ts_turn ts_gpu_turn(ts_gpu *gpu);

void ts_gpu_end(ts_gpu *gpu);

/* All of it: until no job is left, the monitor wants to stop, or something fails (gpu->error is set then). */
bool ts_gpu_run(ts_gpu *gpu);

/* ---- the device */

/* So many queues does the hardware have at most; launches of two streams in one queue wait for each other. A list has
 * a second wave only as long as each wave has a stream of its own. */
#define TS_STREAMS 32

bool ts_device_open(ts_gpu *gpu);
void ts_device_close(ts_gpu *gpu);

/* Seconds since the run began. */
double ts_device_seconds(const ts_gpu *gpu);

/* A moment, until a wave may be done. */
void ts_device_wait(ts_gpu *gpu);

/* Remember that there was no memory on the host. Returns false. */
bool ts_device_out_of_memory(ts_gpu *gpu, const char *tried);

/* ---- its waves */

/* Memory for a wave of at most `slots` slots that work on jobs of a list; with less memory for fewer. NULL with the
 * error set. */
ts_wave *ts_wave_create(ts_gpu *gpu, size_t list, uint64_t slots);
void ts_wave_destroy(ts_wave *wave);

ts_slots *ts_wave_slots(ts_wave *wave);

/* Was something submitted and not yet collected? */
bool ts_wave_running(const ts_wave *wave);

/* Launch what is to be done next: measure what ended, start what was added, and advance; or if `ending` take leave of
 * what has not ended, and say where it stands. */
bool ts_wave_submit(ts_wave *wave, bool ending);

/* Is the device done with what was submitted? *done is set. */
bool ts_wave_poll(ts_wave *wave, bool *done);

/* Take the results of what was submitted; trainings that ended wait for the next submit. Those of a wave that was
 * ending are over, and it is idle. */
void ts_wave_collect(ts_wave *wave);

#endif
