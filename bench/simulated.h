/* The scheduling of the CUDA backend (backend/cuda/gpu.h) on simulated devices. */
#ifndef TS_BENCH_SIMULATED_H
#define TS_BENCH_SIMULATED_H

#include "backend/backend.h"
#include "simulated_device.h"

typedef struct sim_report {
    double seconds;  /* until this device had nothing left */
    double occupied; /* part of the time of all schedulers in which they had at least one warp */
    double issued;   /* part of all issue slots that was used */
    double working;  /* part of the time in which the device had at least one block */
    double tail;     /* seconds from the last job handed out to this device to the end */
    uint64_t rounds; /* submits */
} sim_report;

/* Run a plan. `report` [devices]: parts are of the time until the last device ended. `runs` [cell_count][replicates],
 * zeros, counts how often each training was run; may be NULL. Returns false without memory. */
bool sim_run(const ts_plan *plan, const sim_model *model, int devices, sim_report *report, uint8_t *runs);

/* The same by processes with one device each, of the speeds [processes] (1: that of the model), which claim the ranges
 * of the plan from each other. *seconds: until the last one ended. */
bool sim_run_processes(const ts_plan *plan, const sim_model *model, size_t processes, const double *speed,
                       double *seconds, uint8_t *runs);

#endif
