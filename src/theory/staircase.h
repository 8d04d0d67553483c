/* The target as a staircase, and what a cell of it is to the limit: its average and its loss (MODEL.md section 4).
 *
 * A cell from `low` to `high` holds the pieces first .. last. That is given, not looked up: between two events it stays
 * the same, and the formulas go on smoothly beyond the place of the event, which is how the event is found. */
#ifndef TS_THEORY_STAIRCASE_H
#define TS_THEORY_STAIRCASE_H

#include <timescape.h>

typedef struct ts_staircase {
    int jump_count;
    double at[TS_MAX_JUMPS];        /* [jump_count] ascending */
    double level[TS_MAX_JUMPS + 1]; /* [jump_count + 1] f* on each piece */
} ts_staircase;

/* The target of `settings`. */
ts_staircase ts_staircase_of(const ts_settings *settings);

/* Average of f* over the cell. An empty cell has the average that two neurons see which close in on a jump alike. */
static inline double ts_cell_average(const ts_staircase *target, int first, int last, double low, double high) {
    if (first == last)
        return target->level[first];
    if (!(high > low))
        return (target->level[first] + target->level[last]) / 2;
    double excess = 0; /* integral of f* - level[first] */
    for (int k = first; k < last; k++)
        excess += (target->level[k + 1] - target->level[k]) * (high - target->at[k]);
    return target->level[first] + excess / (high - low);
}

/* Integral of (f* - average)^2 over the cell. */
static inline double ts_cell_loss(const ts_staircase *target, int first, int last, double low, double high) {
    if (first == last)
        return 0;
    const double average = ts_cell_average(target, first, last, low, high);
    double loss = 0, from = low;
    for (int k = first; k <= last; k++) {
        const double to = k < last ? target->at[k] : high;
        const double difference = target->level[k] - average;
        loss += (to - from) * (difference * difference);
        from = to;
    }
    return loss;
}

/* du/dtau of a neuron on a piece of this level, between cells of these averages: (f* - right)^2 - (f* - left)^2. */
static inline double ts_neuron_speed(double level, double left_average, double right_average) {
    return (left_average - right_average) * (2 * level - left_average - right_average);
}

#endif
