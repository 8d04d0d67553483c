/* Which side of a jump a neuron is on (docs/theory.md section 4). */
#include "theory/state.h"

#include <math.h>

void ts_limit_settle(ts_limit *limit, uint32_t j, bool must_go) {
    const double before = ts_limit_average(limit, limit->u, j - 1), behind = ts_limit_average(limit, limit->u, j);
    const double left_pull = -ts_neuron_speed(limit->target.level[limit->left[j]], before, behind);
    const double right_pull = ts_neuron_speed(limit->target.level[limit->right[j]], before, behind);
    if (!must_go && left_pull <= limit->rest_speed && right_pull <= limit->rest_speed)
        return;
    if (left_pull > right_pull) /* where both ways lead down: the steeper one */
        limit->right[j] = limit->left[j];
    else
        limit->left[j] = limit->right[j];
}

/* Neurons first .. last stand on the same jump. One may; the outer ones leave to the side of the outer cell that pulls
 * them. Of two, the one that is pulled less stays, unless that is more than the jump can hold, too. */
static void part_cluster(ts_limit *limit, uint32_t first, uint32_t last) {
    const uint8_t left_piece = limit->left[first], right_piece = limit->right[first];
    const double *level = limit->target.level;
    const double to_left = level[left_piece] - ts_limit_average(limit, limit->u, first - 1);
    const double to_right = level[right_piece] - ts_limit_average(limit, limit->u, last);
    const double jump = level[right_piece] - level[left_piece];
    const double left_pull = to_left * to_left, right_pull = to_right * to_right, hold = jump * jump;
    const bool more_than_two = last - first > 1;
    const bool leaves_left = more_than_two || left_pull > right_pull || left_pull > hold;
    const bool leaves_right = more_than_two || left_pull <= right_pull || right_pull > hold;
    if (leaves_left)
        limit->right[first] = left_piece;
    /* Of those in the middle one stands; the others rest beside it, between cells that do not pull. */
    for (uint32_t j = first + (leaves_left ? 2 : 1); j < last; j++)
        limit->left[j] = right_piece;
    if (leaves_right)
        limit->left[last] = right_piece;
}

void ts_limit_place(ts_limit *limit) {
    const ts_staircase *target = &limit->target;
    const uint32_t m = limit->m;
    int before = 0, up_to = 0; /* jumps left of the neuron, and those where it stands as well */
    for (uint32_t j = 1; j <= m; j++) {
        while (before < target->jump_count && target->at[before] < limit->u[j])
            before++;
        while (up_to < target->jump_count && target->at[up_to] <= limit->u[j])
            up_to++;
        limit->left[j] = (uint8_t)before;
        limit->right[j] = (uint8_t)up_to;
    }
    limit->left[0] = limit->right[0] = 0;
    limit->left[m + 1] = limit->right[m + 1] = (uint8_t)target->jump_count;
    for (uint32_t first = 1, last; first <= m; first = last + 1) {
        for (last = first; last < m && limit->u[last + 1] == limit->u[first];)
            last++;
        if (last > first && ts_limit_stands(limit, first))
            part_cluster(limit, first, last);
    }
}

/* ---- what moves until the next event */

/* Cell `first`, alone: an approach if it holds one jump and is to be solved exactly. Where no neuron moves there is
 * nothing to do. */
static bool add_approach(ts_limit *limit, uint32_t j) {
    const int piece = limit->right[j];
    if (limit->general_only || limit->left[j + 1] - piece != 1)
        return false;
    const double at = limit->target.at[piece], jump = limit->target.level[piece + 1] - limit->target.level[piece];
    const ts_isolated isolated = {
        .x = at - limit->u[j],
        .y = limit->u[j + 1] - at,
        .strength = jump * jump,
        .left_moves = j > 0 && !ts_limit_stands(limit, j),
        .right_moves = j < limit->m && !ts_limit_stands(limit, j + 1),
    };
    if (isolated.left_moves || isolated.right_moves)
        limit->approach[limit->approach_count++] =
            (ts_approach){isolated, j, limit->time, limit->time + ts_isolated_duration(&isolated)};
    return true;
}

static ts_chain_neuron chain_neuron(const ts_limit *limit, uint32_t j) {
    const ts_staircase *target = &limit->target;
    const int left = limit->left[j], right = limit->right[j];
    return (ts_chain_neuron){
        .neuron = j,
        .left_cell = -1,
        .right_cell = -1,
        .left_level = target->level[left],
        .right_level = target->level[right],
        .low = left > 0 ? target->at[left - 1] : -INFINITY,
        .high = right < target->jump_count ? target->at[right] : INFINITY,
    };
}

/* Neuron j with the chain's cells at its sides. Returns its index among the movers, or -1 where it does not move. */
static int add_chain_neuron(ts_limit *limit, uint32_t j, int left_cell, int right_cell) {
    ts_chain *chain = &limit->chain;
    if (j == 0 || j > limit->m)
        return -1;
    const bool stands = ts_limit_stands(limit, j);
    ts_chain_neuron *added = stands ? &chain->stander[chain->stander_count++] : &chain->mover[chain->mover_count++];
    *added = chain_neuron(limit, j);
    added->left_cell = left_cell;
    added->right_cell = right_cell;
    if (stands)
        return -1;
    limit->chain_u[chain->mover_count - 1] = limit->u[j];
    return chain->mover_count - 1;
}

/* The cells first .. last, each of which holds a jump. */
static void add_run(ts_limit *limit, uint32_t first, uint32_t last) {
    ts_chain *chain = &limit->chain;
    int mover = add_chain_neuron(limit, first, -1, chain->cell_count);
    for (uint32_t j = first; j <= last; j++) {
        const int index = chain->cell_count++;
        ts_chain_cell *cell = &chain->cell[index];
        *cell = (ts_chain_cell){.first = limit->right[j], .last = limit->left[j + 1], .low_mover = mover};
        cell->low = limit->u[j];
        cell->high = limit->u[j + 1];
        mover = add_chain_neuron(limit, j + 1, index, j < last ? index + 1 : -1);
        cell->high_mover = mover;
    }
}

void ts_limit_classify(ts_limit *limit) {
    for (uint32_t j = 1; j <= limit->m; j++)
        if (ts_limit_stands(limit, j))
            ts_limit_settle(limit, j, false);
    limit->approach_count = 0;
    limit->chain.cell_count = limit->chain.mover_count = limit->chain.stander_count = 0;
    limit->chain.rest_speed = limit->rest_speed;
    for (uint32_t first = 0, last; first <= limit->m; first = last + 1) {
        last = first;
        if (!ts_limit_holds_jump(limit, first))
            continue;
        while (last < limit->m && ts_limit_holds_jump(limit, last + 1))
            last++;
        if (last > first || !add_approach(limit, first))
            add_run(limit, first, last);
    }
    limit->is_classified = true;
}
