/* What the configurations of the parity brought about: a run that proves little must not pass. */
#ifndef TS_TESTS_BACKEND_CUDA_COVERAGE_H
#define TS_TESTS_BACKEND_CUDA_COVERAGE_H

#include "configurations.h"
#include "sweep/sweep.h"

#define QUICK_SET 42 /* configurations, three of each kernel: every kind of trouble has been met, too */

typedef struct coverage {
    long configurations;
    long kernel_runs[KERNELS], several_kernels, further_axes, diverged, crossed, outside, odd_replicates, whole_chunks,
        exact, uniform, stratified, common, noiseless, observed, succeeded, stopped, run_again;
    long waypoints, seen_before; /* trainings that went on then, and those that had been seen on their way */
    long largest_pieces, single_piece;
    uint32_t fewest_neurons, most_neurons;
} coverage;

/* Count a sweep that ran and keeps its trainings. `shared_memory`: the most that a block may have on the devices, on
 * which it depends what kernel ran. */
void count_coverage(coverage *seen, const ts_sweep *sweep, const ts_run_options *options, size_t shared_memory);

/* Has everything been met that a quick set should? If not, prints what is missing. Fewer configurations need not. */
bool covers(const coverage *seen);

void print_coverage(const coverage *seen);

#endif
