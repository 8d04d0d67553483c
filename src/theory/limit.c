/* The course of a limit: segments of time, and what is shown of them. */
#include "base/fail.h"
#include "base/order.h"
#include "theory/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- begin and end */

static ts_status refuse(ts_error *error, const char *format, double index, double found) {
    return ts_fail(error, TS_INVALID, "", format, index, found);
}

static bool allocate(ts_limit *limit, uint32_t m) {
    limit->m = m;
    limit->u = malloc((m + 2) * sizeof *limit->u);
    limit->shown = malloc((m + 2) * sizeof *limit->shown);
    limit->left = malloc((m + 2) * sizeof *limit->left);
    limit->right = malloc((m + 2) * sizeof *limit->right);
    return limit->u && limit->shown && limit->left && limit->right;
}

static void set_scales(ts_limit *limit) {
    const ts_staircase *target = &limit->target;
    double lowest = target->level[0], highest = target->level[0];
    for (int k = 1; k <= target->jump_count; k++) {
        lowest = fmin(lowest, target->level[k]);
        highest = fmax(highest, target->level[k]);
    }
    const double fastest = (highest - lowest) * (highest - lowest);
    limit->rest_speed = 1e-13 * fastest;
    limit->next_step = fastest > 0 ? 1e-3 / fastest : 1;
}

ts_status ts_limit_create(ts_limit **result, const ts_settings *settings, const double *position, uint32_t m,
                          ts_error *error) {
    *result = NULL;
    if (m < 1 || m > TS_MAX_NEURONS)
        return refuse(error, "found %.0f neurons, allowed are 1 to %.0f", m, TS_MAX_NEURONS);
    for (uint32_t j = 0; j < m; j++)
        if (!(position[j] >= 0 && position[j] <= 1)) /* NaN fails */
            return refuse(error, "found a start position %.0f of %.10g, allowed are numbers from 0 to 1", j,
                          position[j]);
    ts_limit *limit = calloc(1, sizeof *limit);
    if (!limit || !allocate(limit, m)) {
        ts_limit_destroy(limit);
        refuse(error, "not enough memory for the limit of %.0f neurons", m, 0);
        return TS_FAILED;
    }
    limit->target = ts_staircase_of(settings);
    set_scales(limit);
    limit->u[0] = 0;
    limit->u[m + 1] = 1;
    memcpy(limit->u + 1, position, m * sizeof *position);
    qsort(limit->u + 1, m, sizeof *limit->u, ts_compare_doubles);
    memcpy(limit->shown, limit->u, (m + 2) * sizeof *limit->u);
    ts_limit_place(limit);
    ts_limit_classify(limit);
    *result = limit;
    return TS_OK;
}

void ts_limit_destroy(ts_limit *limit) {
    if (!limit)
        return;
    free(limit->right);
    free(limit->left);
    free(limit->shown);
    free(limit->u);
    free(limit);
}

void ts_limit_use_general_solver(ts_limit *limit) {
    limit->general_only = true;
    limit->is_classified = false;
}

/* ---- segments */

static bool is_chain_moving(const ts_limit *limit) {
    double velocity[TS_CHAIN_MOVERS];
    ts_chain_velocities(&limit->chain, &limit->target, limit->chain_u, velocity);
    for (int i = 0; i < limit->chain.mover_count; i++)
        if (fabs(velocity[i]) > limit->rest_speed)
            return true;
    return false;
}

/* One step of the chain, not beyond the end of the segment. */
static void plan_chain(ts_limit *limit) {
    const double left = limit->segment_end - limit->time; /* INFINITY when no approach is under way */
    const bool is_cut = limit->next_step >= left;
    double step = is_cut ? left : limit->next_step, next;
    limit->event_neuron = ts_chain_step(&limit->chain, &limit->target, limit->chain_u, &step, &next, limit->chain_end);
    if (!is_cut || step < left) {
        limit->segment_end = limit->time + step;
        limit->arriving = -1;
    }
    if (!is_cut || step < left || next > limit->next_step) /* that a step was cut is no reason for a shorter one */
        limit->next_step = next;
}

/* Find out where the segment ends that begins at `time`: at the next step of the chain, or at the next event. */
static void plan(ts_limit *limit) {
    if (!limit->is_classified)
        ts_limit_classify(limit);
    memcpy(limit->chain_end, limit->chain_u, sizeof limit->chain_end);
    limit->segment_end = INFINITY;
    limit->arriving = -1;
    for (int i = 0; i < limit->approach_count; i++)
        if (limit->approach[i].arrival < limit->segment_end) {
            limit->segment_end = limit->approach[i].arrival;
            limit->arriving = i;
        }
    limit->event_neuron = ts_chain_blocked(&limit->chain, &limit->target, limit->chain_u);
    limit->chain_moves = limit->event_neuron == 0 && is_chain_moving(limit);
    if (limit->event_neuron > 0)
        limit->segment_end = limit->time;
    else if (limit->chain_moves)
        plan_chain(limit);
    limit->is_planned = true;
}

/* Positions of the chain later in the segment: rounding takes no neuron out of its piece, or towards a side that does
 * not pull it. */
static void keep_in_bounds(const ts_limit *limit, double *later) {
    for (int i = 0; i < limit->chain.mover_count; i++) {
        const ts_chain_neuron *mover = &limit->chain.mover[i];
        const double low = mover->left_cell < 0 ? limit->chain_u[i] : fmax(mover->low, 0);
        const double high = mover->right_cell < 0 ? limit->chain_u[i] : fmin(mover->high, 1);
        later[i] = fmin(fmax(later[i], low), high);
    }
}

/* Write the positions of all that moves into `u` [m + 2], which holds those at the beginning of the approaches; those
 * of the chain are given. */
static void write_positions(const ts_limit *limit, double slow_time, const double *chain_u, double *u) {
    for (int i = 0; i < limit->approach_count; i++) {
        const ts_approach *approach = &limit->approach[i];
        double *left = &u[approach->cell], *right = &u[approach->cell + 1];
        const double at = limit->target.at[limit->right[approach->cell]];
        double x, y;
        ts_isolated_at(&approach->jump, slow_time - approach->since, &x, &y);
        if (approach->jump.left_moves)
            *left = fmin(fmax(at - x, *left), at);
        if (approach->jump.right_moves)
            *right = fmax(fmin(at + y, *right), at);
    }
    for (int i = 0; i < limit->chain.mover_count; i++)
        u[limit->chain.mover[i].neuron] = chain_u[i];
}

/* Neuron j is on a jump: it stands there, or goes on. */
static void stop_at(ts_limit *limit, uint32_t j, int jump) {
    limit->u[j] = limit->target.at[jump];
    limit->left[j] = (uint8_t)jump;
    limit->right[j] = (uint8_t)(jump + 1);
    ts_limit_settle(limit, j, false);
}

/* A neuron of the chain has come to an end of its piece, or is pulled off its jump. */
static void chain_event(ts_limit *limit, uint32_t j) {
    if (ts_limit_stands(limit, j)) {
        ts_limit_settle(limit, j, true);
        return;
    }
    const int piece = limit->left[j];
    const ts_staircase *target = &limit->target;
    const bool at_low = piece > 0 && (piece == target->jump_count ||
                                      limit->u[j] - target->at[piece - 1] < target->at[piece] - limit->u[j]);
    stop_at(limit, j, at_low ? piece - 1 : piece);
}

/* Go to the end of the segment. */
static void commit(ts_limit *limit) {
    const bool is_event = limit->event_neuron > 0 || limit->arriving >= 0;
    limit->time = limit->segment_end;
    keep_in_bounds(limit, limit->chain_end);
    memcpy(limit->chain_u, limit->chain_end, sizeof limit->chain_u);
    if (is_event) {
        write_positions(limit, limit->time, limit->chain_u, limit->u);
        if (limit->event_neuron > 0) {
            chain_event(limit, limit->event_neuron);
        } else {
            const ts_approach *approach = &limit->approach[limit->arriving];
            const uint32_t j = approach->cell + (ts_isolated_left_arrives(&approach->jump) ? 0 : 1);
            stop_at(limit, j, limit->right[approach->cell]);
        }
        limit->is_classified = false;
    }
    limit->is_planned = false;
    limit->segment_count++;
}

static void show(ts_limit *limit, double slow_time) {
    double chain_u[TS_CHAIN_MOVERS];
    memcpy(chain_u, limit->chain_u, sizeof chain_u);
    if (limit->chain_moves && slow_time > limit->time)
        ts_chain_within(&limit->chain, &limit->target, limit->chain_u, slow_time - limit->time, chain_u);
    keep_in_bounds(limit, chain_u);
    memcpy(limit->shown, limit->u, (limit->m + 2) * sizeof *limit->u);
    write_positions(limit, slow_time, chain_u, limit->shown);
    limit->slow_time = slow_time;
}

ts_status ts_limit_advance(ts_limit *limit, double slow_time, ts_error *error) {
    if (!(slow_time >= limit->slow_time)) /* NaN fails */
        return refuse(error, "found the slow time %.10g after %.10g, time goes forward", slow_time, limit->slow_time);
    for (;;) {
        if (!limit->is_planned)
            plan(limit);
        if (limit->segment_end == INFINITY || limit->segment_end > slow_time)
            break;
        if (limit->segment_count >= TS_LIMIT_MAX_SEGMENTS) {
            refuse(error, "the limit of %.0f neurons did not come to rest within %.0f steps", limit->m,
                   TS_LIMIT_MAX_SEGMENTS);
            return TS_FAILED;
        }
        commit(limit);
    }
    show(limit, slow_time < INFINITY ? slow_time : fmax(limit->time, limit->slow_time));
    return TS_OK;
}

/* ---- what is shown */

double ts_limit_slow_time(const ts_limit *limit) {
    return limit->slow_time;
}

double ts_limit_loss(const ts_limit *limit) {
    double loss = 0;
    for (uint32_t j = 0; j <= limit->m; j++)
        loss += ts_cell_loss(&limit->target, limit->right[j], limit->left[j + 1], limit->shown[j], limit->shown[j + 1]);
    return loss;
}

double ts_limit_value(const ts_limit *limit, double x) {
    uint32_t low = 0, high = limit->m + 1; /* u[low] <= x < u[high], or high is the end */
    while (high - low > 1) {
        const uint32_t middle = (low + high) / 2;
        if (limit->shown[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    return ts_limit_average(limit, limit->shown, low);
}

const double *ts_limit_positions(const ts_limit *limit) {
    return limit->shown + 1;
}

void ts_limit_weights(const ts_limit *limit, double *weight, double *bias) {
    if (bias)
        *bias = ts_limit_average(limit, limit->shown, 0);
    for (uint32_t j = 1; weight && j <= limit->m; j++)
        weight[j - 1] = ts_limit_average(limit, limit->shown, j) - ts_limit_average(limit, limit->shown, j - 1);
}

void ts_limit_velocities(const ts_limit *limit, double *velocity) {
    for (uint32_t j = 1; j <= limit->m; j++)
        velocity[j - 1] = ts_limit_stands(limit, j) ? 0
                                                    : ts_neuron_speed(limit->target.level[limit->left[j]],
                                                                      ts_limit_average(limit, limit->shown, j - 1),
                                                                      ts_limit_average(limit, limit->shown, j));
}
