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

/* Settings for a sweep that this kernel runs, with one network size and one or two epsilons, which are kept in the
 * caller's arrays. `small`: little enough work for an emulator. */
ts_settings parity_settings(const advance_kernel *kernel, bool small, test_random *random, double epsilon[2],
                            double neurons[1]);

#endif
