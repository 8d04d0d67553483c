#include "theory/chain.h"

#include "theory/limit.h"

#include <math.h>
#include <string.h>

#define STAGES 7
#define SAFETY 0.8
#define LARGEST_GROWTH 4.0
#define LARGEST_SHRINKING 0.1

/* A neuron that moves by less than this has arrived: positions are no finer. */
#define FINEST 1e-17

/* Dormand and Prince, "A family of embedded Runge-Kutta formulae", J. Comput. Appl. Math. 6 (1980): order 5, with the
 * difference to order 4. */
static const double stage_weight[STAGES][STAGES - 1] = {
    {0},
    {1.0 / 5},
    {3.0 / 40, 9.0 / 40},
    {44.0 / 45, -56.0 / 15, 32.0 / 9},
    {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
    {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
    {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84},
};
static const double error_weight[STAGES] = {
    71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40,
};

/* ---- the differential equation */

/* Averages [cell_count] of the cells. */
static bool cell_averages(const ts_chain *chain, const ts_staircase *target, const double *u, double *average) {
    for (int i = 0; i < chain->cell_count; i++) {
        const ts_chain_cell *cell = &chain->cell[i];
        const double low = cell->low_mover < 0 ? cell->low : u[cell->low_mover];
        const double high = cell->high_mover < 0 ? cell->high : u[cell->high_mover];
        if (!(high >= low))
            return false;
        average[i] = ts_cell_average(target, cell->first, cell->last, low, high);
    }
    return true;
}

/* Speed of the neuron if it were on a piece of this level. */
static double speed(const ts_chain_neuron *neuron, double level, const double *average) {
    return ts_neuron_speed(level, neuron->left_cell < 0 ? neuron->left_level : average[neuron->left_cell],
                           neuron->right_cell < 0 ? neuron->right_level : average[neuron->right_cell]);
}

bool ts_chain_velocities(const ts_chain *chain, const ts_staircase *target, const double *u, double *velocity) {
    double average[TS_CHAIN_CELLS];
    if (!cell_averages(chain, target, u, average))
        return false;
    for (int i = 0; i < chain->mover_count; i++)
        velocity[i] = speed(&chain->mover[i], chain->mover[i].left_level, average);
    return true;
}

/* ---- events */

double ts_chain_overshoot(const ts_chain *chain, const ts_staircase *target, const double *u, uint32_t *neuron) {
    double most = -INFINITY, average[TS_CHAIN_CELLS];
    *neuron = 0;
    if (!cell_averages(chain, target, u, average))
        return INFINITY;
    for (int i = 0; i < chain->mover_count; i++) {
        const ts_chain_neuron *mover = &chain->mover[i];
        const double beyond = fmax(mover->low - u[i], u[i] - mover->high);
        if (beyond > most) {
            most = beyond;
            *neuron = mover->neuron;
        }
    }
    for (int i = 0; i < chain->stander_count; i++) {
        const ts_chain_neuron *stander = &chain->stander[i];
        const double pull = fmax(speed(stander, stander->right_level, average), /* to the right, off the jump */
                                 -speed(stander, stander->left_level, average));
        if (pull - chain->rest_speed > most) {
            most = pull - chain->rest_speed;
            *neuron = stander->neuron;
        }
    }
    return most;
}

/* ---- one step */

/* From u over `step` to `end`; `first` [mover_count] are the velocities at u. Returns the error over the tolerance, or
 * INFINITY where the step leaves the formulas. */
static double try_step(const ts_chain *chain, const ts_staircase *target, const double *u, const double *first,
                       double step, double *end) {
    double k[STAGES][TS_CHAIN_MOVERS];
    const int n = chain->mover_count;
    memcpy(k[0], first, (size_t)n * sizeof *first);
    for (int stage = 1; stage < STAGES; stage++) {
        for (int i = 0; i < n; i++) {
            double slope = 0;
            for (int s = 0; s < stage; s++)
                slope += stage_weight[stage][s] * k[s][i];
            end[i] = u[i] + step * slope; /* of the last stage: the result */
        }
        if (!ts_chain_velocities(chain, target, end, k[stage]))
            return INFINITY;
    }
    double error = 0;
    for (int i = 0; i < n; i++) {
        double difference = 0;
        for (int s = 0; s < STAGES; s++)
            difference += error_weight[s] * k[s][i];
        error = fmax(error, fabs(step * difference));
    }
    return error / TS_LIMIT_TOLERANCE;
}

/* The first event of a step that ends beyond one. `end` and *step come to lie just beyond it. */
static uint32_t find_event(const ts_chain *chain, const ts_staircase *target, const double *u, const double *first,
                           double *step, double *end) {
    uint32_t neuron = 0, nearest;
    double before = 0, after = *step, middle[TS_CHAIN_MOVERS];
    double low = fmin(ts_chain_overshoot(chain, target, u, &nearest), 0);
    double high = ts_chain_overshoot(chain, target, end, &neuron);
    for (int i = 0; i < 200 && after - before > 0x1p-52 * after; i++) {
        /* regula falsi, and a bisection every third time so that the interval becomes small in any case */
        double part = i % 3 == 2 ? 0.5 : -low / (high - low);
        part = part > 0.01 && part < 0.99 ? part : part < 0.5 ? 0.01 : 0.99;
        const double time = before + part * (after - before);
        if (!(time > before && time < after))
            break;
        try_step(chain, target, u, first, time, middle);
        const double beyond = ts_chain_overshoot(chain, target, middle, &nearest);
        if (beyond > 0) {
            after = time;
            high = beyond;
            neuron = nearest;
            memcpy(end, middle, (size_t)chain->mover_count * sizeof *end);
            if (beyond < FINEST)
                break;
        } else {
            before = time;
            low = beyond;
        }
    }
    *step = after;
    return neuron;
}

/* The mover nearest to the end of its piece that it moves to, put there: what is left of its way is below the
 * resolution of a position. */
static uint32_t arrive(const ts_chain *chain, const double *u, const double *velocity, double *end) {
    int nearest = 0;
    double least = INFINITY;
    for (int i = 0; i < chain->mover_count; i++) {
        const ts_chain_neuron *mover = &chain->mover[i];
        const double distance = velocity[i] > 0 ? mover->high - u[i] : velocity[i] < 0 ? u[i] - mover->low : INFINITY;
        end[i] = u[i];
        if (distance < least) {
            least = distance;
            nearest = i;
        }
    }
    end[nearest] = velocity[nearest] > 0 ? chain->mover[nearest].high : chain->mover[nearest].low;
    return chain->mover[nearest].neuron;
}

uint32_t ts_chain_blocked(const ts_chain *chain, const ts_staircase *target, const double *u) {
    double velocity[TS_CHAIN_MOVERS];
    ts_chain_velocities(chain, target, u, velocity);
    for (int i = 0; i < chain->mover_count; i++)
        if ((u[i] >= chain->mover[i].high && velocity[i] > chain->rest_speed) ||
            (u[i] <= chain->mover[i].low && velocity[i] < -chain->rest_speed))
            return chain->mover[i].neuron;
    return 0;
}

static double fastest(const ts_chain *chain, const double *velocity) {
    double most = 0;
    for (int i = 0; i < chain->mover_count; i++)
        most = fmax(most, fabs(velocity[i]));
    return most;
}

uint32_t ts_chain_step(const ts_chain *chain, const ts_staircase *target, const double *u, double *step, double *next,
                       double *end) {
    double first[TS_CHAIN_MOVERS];
    ts_chain_velocities(chain, target, u, first);
    const double most = fastest(chain, first);
    for (;;) {
        const double error = try_step(chain, target, u, first, *step, end);
        /* error^(-1/4): near enough to -1/5, and a square root is the same on every machine */
        const double factor = fmin(SAFETY / sqrt(sqrt(fmax(error, 1e-8))), LARGEST_GROWTH);
        if (error <= 1) {
            *next = *step * factor;
            break;
        }
        *step *= fmax(factor, LARGEST_SHRINKING);
        if (!(*step * most >= FINEST)) {
            *next = *step;
            *step = 0;
            return arrive(chain, u, first, end);
        }
    }
    uint32_t neuron;
    if (!(ts_chain_overshoot(chain, target, end, &neuron) > 0))
        return 0;
    return find_event(chain, target, u, first, step, end);
}

void ts_chain_within(const ts_chain *chain, const ts_staircase *target, const double *u, double step, double *end) {
    double first[TS_CHAIN_MOVERS];
    ts_chain_velocities(chain, target, u, first);
    try_step(chain, target, u, first, step, end);
}
