/* Random configurations for the parity of the backends: each is made for one of the advance kernels. */
#ifndef TS_TESTS_BACKEND_CUDA_CONFIGURATIONS_H
#define TS_TESTS_BACKEND_CUDA_CONFIGURATIONS_H

#include "backend/cuda/shape.h"
#include "tests/random.h"

#include <timescape.h>

/* An advance kernel: lanes that share a training, and samples of a batch. */
typedef struct advance_kernel {
    ts_form form;
    uint32_t lanes, batch, most_neurons;
} advance_kernel;

#define KERNELS 14
extern const advance_kernel advance_kernels[KERNELS];

const char *form_name(ts_form form);

/* The random numbers of the number-th configuration of a seed, whatever came before it. */
test_random parity_random(uint64_t seed, long number);

/* The values of the axes of a configuration, ascending. */
typedef struct parity_axes {
    double of[TS_PARAMETER_COUNT][2];
} parity_axes;

/* Settings for a sweep of one network size and one or two epsilons which this kernel runs, with their axes in those of
 * the caller. A part of them has two values of one or two further parameters (or two network sizes), so that other
 * kernels may run in its other cells; without the axis, the first value is in the settings. `small`: little enough work
 * for an emulator. */
ts_settings parity_settings(const advance_kernel *kernel, bool small, test_random *random, parity_axes *axes);

#endif
