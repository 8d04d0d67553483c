#include "failures.h"

#include <math.h>
#include <stdint.h>

#define CAMPAIGNS 200 /* whose mean is taken */
#define MOST 1000     /* times the work */

/* A number of (0,1) by a linear congruential generator. */
static double uniform(uint64_t *state) {
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}

/* Seconds that a job takes which fails at this rate (1/s). */
static double run_once(const failure_model *model, double rate, uint64_t *state) {
    double done = 0, seconds = 0;
    while (seconds < MOST * model->work) {
        const double fails = -log(uniform(state)) / rate;
        if (fails >= model->work - done)
            return seconds + model->work - done;
        done += floor(fails / model->checkpoint) * model->checkpoint;
        seconds += fails + model->restart;
    }
    return INFINITY;
}

double failure_slowdown_together(const failure_model *model) {
    uint64_t state = 1;
    double sum = 0;
    for (int i = 0; i < CAMPAIGNS && sum < INFINITY; i++)
        sum += run_once(model, (double)model->machines / model->between, &state);
    return sum / CAMPAIGNS / model->work;
}

double failure_slowdown_apart(const failure_model *model) {
    uint64_t state = 1;
    double sum = 0;
    for (int i = 0; i < CAMPAIGNS && sum < INFINITY; i++) {
        double last = 0;
        for (size_t machine = 0; machine < model->machines; machine++)
            last = fmax(last, run_once(model, 1 / model->between, &state));
        sum += last;
    }
    return sum / CAMPAIGNS / model->work;
}
