#include "theory/start_condition.h"

#include "model/training.h"

#include <math.h>
#include <string.h>

#define NEGLIGIBLE 1e-150 /* a binomial probability below is left out: the sum of all that are would not be seen */

/* Binomial(n, q) as n grows by one at a time. All terms are positive sums of positive terms: nothing cancels. */
typedef struct binomial_row {
    double probability[TS_MAX_NEURONS + 2]; /* [k], of the k from low to high; 0 below */
    uint32_t low, high;
} binomial_row;

static void next_row(binomial_row *row, double q, double not_q) {
    double *p = row->probability;
    p[row->high + 1] = q * p[row->high];
    for (uint32_t k = row->high; k > row->low; k--)
        p[k] = not_q * p[k] + q * p[k - 1];
    p[row->low] *= not_q;
    row->high++;
    while (p[row->high] < NEGLIGIBLE && row->high > row->low)
        row->high--;
    while (p[row->low] < NEGLIGIBLE && row->low < row->high)
        p[row->low++] = 0;
}

/* Add a piece: of n neurons in all pieces so far, k lie in the new one with a binomial probability, and the others are
 * spread over the old ones as before. `covered` [most + 1] is the probability of the condition over the old pieces, and
 * becomes that over all. */
static void add_piece(double q, double not_q, uint32_t most, double *covered) {
    double wider[TS_MAX_NEURONS + 1];
    binomial_row row = {.probability = {1}};
    for (uint32_t n = 0; n <= most; n++) {
        if (n > 0)
            next_row(&row, q, not_q);
        double sum = 0;
        for (uint32_t k = row.low < 2 ? 2 : row.low; k <= row.high; k++)
            sum += row.probability[k] * covered[n - k];
        wider[n] = fmin(sum, 1);
    }
    memcpy(covered, wider, (most + 1) * sizeof *covered);
}

static void uniform_probabilities(const ts_settings *settings, uint32_t most, double *probability) {
    for (uint32_t n = 0; n <= most; n++)
        probability[n] = n >= 2;
    for (size_t k = 0; k < settings->jump_count; k++) {
        const double begin = settings->jump_at[k], end = k + 1 < settings->jump_count ? settings->jump_at[k + 1] : 1;
        add_piece((end - begin) / end, begin / end, most, probability);
    }
}

static bool equispaced_meets(const ts_settings *settings, uint32_t m) {
    const ts_cell cell = {.of_coordinate = m, .init = TS_INIT_EQUISPACED};
    uint32_t j = 0;
    for (size_t k = 0; k <= settings->jump_count; k++) {
        const uint32_t before = j;
        while (j < m && (k == settings->jump_count ||
                         ldexp((double)ts_start_position(&cell, 0, j), -TS_POSITION_BITS) < settings->jump_at[k]))
            j++;
        if (j < before + 2)
            return false;
    }
    return true;
}

/* Neuron by neuron: each is uniform on its own part of [0,1), so they are independent and in order. With the piece that
 * the last one is in (one[k]: as the first, more[k]: after others there), and two at least in all before, no more has
 * to be known for the next. Lengths are in parts: a neuron whose part lies in one piece is there for certain. */
static double stratified_probability(const ts_settings *settings, uint32_t m) {
    const size_t last = settings->jump_count + 1; /* piece k = 1 .. last ends at edge[k]; 0 is before them, and full */
    double one[TS_MAX_JUMPS + 2] = {0}, more[TS_MAX_JUMPS + 2] = {1}, edge[TS_MAX_JUMPS + 2] = {0};
    for (size_t k = 1; k < last; k++)
        edge[k] = settings->jump_at[k - 1] * m;
    edge[last] = m;
    size_t low = 1, high = 1; /* pieces that the last neuron and this one can be in */
    for (uint32_t j = 0; j < m; j++) {
        while (high < last && edge[high] < j + 1.0)
            high++;
        for (size_t k = high; k >= low; k--) {
            const double here = fmax(fmin(edge[k], j + 1.0) - fmax(edge[k - 1], j), 0);
            more[k] = here * (one[k] + more[k]);
            one[k] = here * more[k - 1];
        }
        more[0] = 0;
        while (edge[low] <= j)
            low++;
    }
    return fmin(more[last], 1);
}

static double probability_of(const ts_settings *settings, uint32_t m) {
    return settings->init == TS_INIT_STRATIFIED ? stratified_probability(settings, m) : equispaced_meets(settings, m);
}

void ts_start_condition_probabilities(const ts_settings *settings, uint32_t most, double *probability) {
    if (settings->init == TS_INIT_UNIFORM) {
        uniform_probabilities(settings, most, probability);
        return;
    }
    for (uint32_t m = 0; m <= most; m++)
        probability[m] = probability_of(settings, m);
}

double ts_start_condition_probability(const ts_settings *settings, uint32_t m) {
    double probability[TS_MAX_NEURONS + 1];
    if (settings->init != TS_INIT_UNIFORM)
        return probability_of(settings, m);
    uniform_probabilities(settings, m, probability);
    return probability[m];
}
