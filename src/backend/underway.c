#include "backend/underway.h"

#include <stdlib.h>
#include <string.h>

#define POINTER sizeof(void *) /* of what `at` is made of */

static size_t aligned(size_t bytes) {
    return (bytes + 15) / 16 * 16;
}

ts_waypoint *ts_waypoint_create(uint32_t neurons, uint32_t looks) {
    const size_t head = aligned(sizeof(ts_waypoint)), words = aligned(neurons * sizeof(int64_t));
    char *memory = calloc(1, head + 2 * words + looks * sizeof(ts_seen));
    if (!memory)
        return NULL;
    ts_waypoint *waypoint = (ts_waypoint *)(void *)memory;
    waypoint->neurons = neurons;
    waypoint->looks = looks;
    waypoint->position = (int64_t *)(void *)(memory + head);
    waypoint->weight = (int64_t *)(void *)(memory + head + words);
    waypoint->seen = (ts_seen *)(void *)(memory + head + 2 * words);
    return waypoint;
}

/* Room for so many; false: no memory. */
static bool grow(ts_underway *underway, size_t count) {
    if (count <= underway->room)
        return true;
    const size_t room = count < 2 * underway->room ? 2 * underway->room : count;
    ts_waypoint **grown = realloc(underway->at, room * POINTER);
    if (!grown)
        return false;
    underway->at = grown;
    underway->room = room;
    return true;
}

void ts_underway_put(ts_underway *underway, ts_waypoint *waypoint) {
    if (!waypoint)
        return;
    bool kept;
#pragma omp critical(ts_underway)
    {
        kept = grow(underway, underway->count + 1);
        if (kept)
            underway->at[underway->count++] = waypoint;
    }
    if (!kept)
        free(waypoint);
}

static int compare_places(const ts_waypoint *a, const ts_waypoint *b) {
    return a->cell != b->cell ? (a->cell > b->cell) - (a->cell < b->cell) : (a->row > b->row) - (a->row < b->row);
}

/* Of one training, that with most looks and steps is the latest. */
static int compare_waypoints(const void *left, const void *right) {
    const ts_waypoint *a = *(ts_waypoint *const *)left, *b = *(ts_waypoint *const *)right;
    const int by_place = compare_places(a, b);
    if (by_place != 0)
        return by_place;
    if (a->training.step != b->training.step)
        return a->training.step < b->training.step ? 1 : -1;
    return (a->looks < b->looks) - (a->looks > b->looks);
}

void ts_underway_settle(ts_underway *underway, const uint8_t *mark, size_t replicates) {
#pragma omp critical(ts_underway)
    {
        size_t kept = 0;
        if (underway->count > 0)
            qsort(underway->at, underway->count, POINTER, compare_waypoints);
        for (size_t i = 0; i < underway->count; i++) {
            ts_waypoint *waypoint = underway->at[i];
            const bool again = kept > 0 && compare_places(underway->at[kept - 1], waypoint) == 0;
            if (again || (mark && mark[waypoint->cell * replicates + waypoint->row] & TS_MARK_FINISHED))
                free(waypoint);
            else
                underway->at[kept++] = waypoint;
        }
        underway->count = kept;
    }
}

void ts_underway_append(ts_underway *underway, ts_underway *from) {
#pragma omp critical(ts_underway)
    {
        const bool enough = grow(underway, underway->count + from->count);
        if (enough && from->count > 0)
            memcpy(underway->at + underway->count, from->at, from->count * POINTER);
        if (enough)
            underway->count += from->count;
        for (size_t i = 0; !enough && i < from->count; i++)
            free(from->at[i]);
        from->count = 0;
    }
}

static int compare_with_key(const void *key, const void *element) {
    return compare_places(key, *(ts_waypoint *const *)element);
}

const ts_waypoint *ts_underway_find(const ts_underway *underway, size_t cell, uint32_t row) {
    const ts_waypoint key = {.cell = (uint32_t)cell, .row = row};
    if (!underway || underway->count == 0)
        return NULL;
    ts_waypoint *const *found = bsearch(&key, underway->at, underway->count, POINTER, compare_with_key);
    return found ? *found : NULL;
}

void ts_underway_free(ts_underway *underway) {
    for (size_t i = 0; i < underway->count; i++)
        free(underway->at[i]);
    free(underway->at);
    *underway = (ts_underway){0};
}
