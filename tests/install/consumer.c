/* A program of somebody else: it has the installed header and library, and trains a few small networks with them. */
#include <timescape.h>

#include <stdio.h>

int main(void) {
    const double epsilon = 0.1;
    const double neurons = 4;
    ts_settings settings = ts_settings_default();
    settings.seed = 1;
    settings.target_base = 1;
    settings.jump_count = 1;
    settings.jump_at[0] = 0.5;
    settings.jump_by[0] = 2;
    settings.eta = 0.01;
    settings.h = 1e-3;
    settings.noise = 1;
    settings.steps = 1000;
    settings.axis[TS_PARAMETER_EPSILON] = (ts_sweep_axis){&epsilon, 1};
    settings.axis[TS_PARAMETER_NEURONS] = (ts_sweep_axis){&neurons, 1};
    settings.replicates = 3;

    ts_sweep *sweep = NULL;
    ts_error error;
    ts_status status = ts_sweep_create(&sweep, &settings, &error);
    if (status == TS_OK)
        status = ts_sweep_run(sweep, NULL, NULL, &error);
    if (status != TS_OK) {
        fprintf(stderr, "%s: %s\n", error.key, error.message);
        return 1;
    }
    printf("timescape %s: %d trainings\n", ts_version(), (int)ts_sweep_summary(sweep, 0).trainings);
    ts_sweep_destroy(sweep);
    return 0;
}
