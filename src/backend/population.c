#include "backend/population.h"

#include <math.h>

#define INTERVALS_AT_A_TIME 64 /* between two questions whether to go on */

/* A walk over [0,1] from breakpoint to breakpoint. Counts of neurons are prefixes of the neurons in order. */
typedef struct interval_walk {
    const ts_settings *settings;
    double eta;
    const double *position, *weight; /* [m] */
    uint32_t m;
    ts_population *population;
    uint32_t begun, halfway, ended; /* neurons whose transition has begun, is past its middle, has ended */
    size_t piece;                   /* of the target */
    double low, high;               /* the interval at hand */
    double level;                   /* f* there */
    double on;                      /* a_0 plus the weights of the neurons that are on there */
    double integral;                /* of r, up to `low` */
} interval_walk;

/* Equal positions are ordered too, so that sums have one order whatever the neurons did before. */
static bool is_before(const double *position, uint32_t a, uint32_t b) {
    return position[a] < position[b] || (position[a] == position[b] && a < b);
}

/* Insertion sort: positions have moved little since the last time. */
static void restore_order(uint32_t *order, const double *position, uint32_t m) {
    for (uint32_t i = 1; i < m; i++) {
        const uint32_t neuron = order[i];
        uint32_t place = i;
        for (; place > 0 && is_before(position, neuron, order[place - 1]); place--)
            order[place] = order[place - 1];
        order[place] = neuron;
    }
}

static double place_of(const interval_walk *walk, uint32_t i) {
    return walk->position[walk->population->order[i]];
}

/* Take note of the breakpoints at `low` or left of it. */
static void pass(interval_walk *walk) {
    const double half = walk->eta / 2;
    while (walk->begun < walk->m && place_of(walk, walk->begun) - half <= walk->low)
        walk->begun++;
    while (walk->halfway < walk->m && place_of(walk, walk->halfway) <= walk->low)
        walk->halfway++;
    for (; walk->ended < walk->m && place_of(walk, walk->ended) + half <= walk->low; walk->ended++) {
        const uint32_t neuron = walk->population->order[walk->ended];
        walk->on += walk->weight[neuron];
        walk->population->before[neuron] = walk->integral;
    }
    for (; walk->piece < walk->settings->jump_count && walk->settings->jump_at[walk->piece] <= walk->low; walk->piece++)
        walk->level += walk->settings->jump_by[walk->piece];
}

static double next_breakpoint(const interval_walk *walk) {
    const double half = walk->eta / 2;
    double next = 1;
    if (walk->begun < walk->m)
        next = fmin(next, place_of(walk, walk->begun) - half);
    if (walk->halfway < walk->m)
        next = fmin(next, place_of(walk, walk->halfway));
    if (walk->ended < walk->m)
        next = fmin(next, place_of(walk, walk->ended) + half);
    if (walk->piece < walk->settings->jump_count)
        next = fmin(next, walk->settings->jump_at[walk->piece]);
    return next;
}

/* sigma of the i-th neuron, whose transition the interval lies in. */
static double sigma(const interval_walk *walk, uint32_t i, double z) {
    const double d = i < walk->halfway ? 0.5 - z : 0.5 + z; /* distance to the nearer end */
    return i < walk->halfway ? 1 - 4 * d * d * d : 4 * d * d * d;
}

static double derivative(const interval_walk *walk, uint32_t i, double z) {
    const double d = i < walk->halfway ? 0.5 - z : 0.5 + z;
    return walk->settings->derivative == TS_DERIVATIVE_BOX ? 1 : 12 * d * d;
}

/* One Gauss node at x, which stands for `length` of the interval. */
static void add_node(interval_walk *walk, double x, double length) {
    const double eta = walk->eta;
    ts_population *population = walk->population;
    double r = walk->level - walk->on;
    for (uint32_t i = walk->ended; i < walk->begun; i++)
        r -= walk->weight[population->order[i]] * sigma(walk, i, (x - place_of(walk, i)) / eta);
    walk->integral += length * r;
    for (uint32_t i = walk->ended; i < walk->begun; i++) {
        const double z = (x - place_of(walk, i)) / eta;
        population->activation[population->order[i]] += length * r * sigma(walk, i, z);
        population->derivative[population->order[i]] += length * r * derivative(walk, i, z);
    }
}

static void integrate(interval_walk *walk) {
    static const double node[4] = {0.069431844202973712, 0.330009478207571868, 0.669990521792428132,
                                   0.930568155797026288};
    static const double node_weight[4] = {0.173927422568726929, 0.326072577431273071, 0.326072577431273071,
                                          0.173927422568726929};
    const double length = walk->high - walk->low;
    if (walk->ended == walk->begun) { /* r is constant */
        walk->integral += length * (walk->level - walk->on);
        return;
    }
    for (int q = 0; q < 4; q++)
        add_node(walk, walk->low + length * node[q], length * node_weight[q]);
}

bool ts_population_measure(ts_population *population, const ts_settings *settings, double eta, uint32_t m,
                           const double *position, const double *weight, double bias) {
    interval_walk walk = {.settings = settings,
                          .eta = eta,
                          .position = position,
                          .weight = weight,
                          .m = m,
                          .population = population,
                          .level = settings->target_base,
                          .on = bias};
    restore_order(population->order, position, m);
    for (uint32_t j = 0; j < m; j++)
        population->activation[j] = population->derivative[j] = 0;
    for (uint32_t interval = 1; walk.low < 1; walk.low = walk.high, interval++) {
        if (population->go_on && interval % INTERVALS_AT_A_TIME == 0 && !population->go_on(population->context))
            return false;
        pass(&walk);
        walk.high = next_breakpoint(&walk);
        integrate(&walk);
    }
    population->residual = walk.integral;
    for (uint32_t i = 0; i < walk.ended; i++) { /* and to the right of its transition sigma is 1 */
        const uint32_t neuron = population->order[i];
        population->activation[neuron] += walk.integral - population->before[neuron];
    }
    return true;
}
