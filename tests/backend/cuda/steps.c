/* Usage: timescape_steps NEURONS ETA LANES STEPS [DIMENSION]
 *
 * One warp of trainings of the paper's target (h = 1e-5, epsilon = 0.1), so many steps of each in one launch, with at
 * least LANES lanes a training (0: as the backend chooses): what tools/emulated-count.sh counts the instructions of.
 * ETA = 0: rectified linear units. */
#include "bench/paper.h"
#include "tests/axes.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc < 5 || argc > 6) {
        fputs("Usage: timescape_steps NEURONS ETA LANES STEPS [DIMENSION]\n", stderr);
        return TS_INVALID;
    }
    const double epsilon = 0.1;
    const uint32_t neurons = (uint32_t)strtoul(argv[1], NULL, 10);
    const int lanes = (int)strtol(argv[3], NULL, 10);
    ts_settings settings = paper_settings();
    settings.eta = strtod(argv[2], NULL);
    settings.activation = settings.eta == 0 ? TS_ACTIVATION_RELU : TS_ACTIVATION_STEP;
    settings.dimension = argc == 6 ? strtoul(argv[5], NULL, 10) : 1;
    settings.h = 1e-5;
    settings.steps = strtoull(argv[4], NULL, 10);
    settings.replicates = lanes > 1 ? 32 / (uint64_t)lanes : 32;
    set_axes(&settings, &epsilon, 1, &(double){neurons}, 1);
    const ts_run_options options = {.backend = "cuda", .lane_group = lanes, .chunk_steps = settings.steps};
    ts_sweep *sweep = NULL;
    ts_error error = {0};
    ts_status status = ts_sweep_create(&sweep, &settings, &error);
    if (status == TS_OK)
        status = ts_sweep_run(sweep, &options, NULL, &error);
    if (status != TS_OK)
        fprintf(stderr, "timescape_steps: %s %s\n", error.key, error.message);
    ts_sweep_destroy(sweep);
    return (int)status;
}
