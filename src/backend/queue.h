/* Which trainings a thread takes next. */
#ifndef TS_BACKEND_QUEUE_H
#define TS_BACKEND_QUEUE_H

#include "backend/host.h"

/* A range of the plan. */
typedef struct ts_queued_cell {
    size_t index;  /* of its cell in the plan */
    size_t number; /* of the range there */
    const ts_method *method;
    uint32_t neurons;
    ts_rows rows;
    uint32_t width; /* largest batch */
    uint32_t party; /* trainings that a thread takes at a time: one batch of them, or several */
    double cost;    /* of a party, as ts_method.step_cost counts */
} ts_queued_cell;

/* Trainings of a full batch of the cell. */
static inline uint32_t ts_queued_count(const ts_queued_cell *queued) {
    return queued->width < queued->rows.count ? queued->width : queued->rows.count;
}

typedef struct ts_queue {
    const ts_plan *plan;
    ts_queued_cell *cells; /* [cell_count] long trainings first, so that no thread ends long after the others */
    size_t cell_count;
    size_t cell;            /* the next party begins at this place of `cells` ... */
    uint32_t done;          /* ... behind so many of its rows; 0: it has not been claimed yet */
    size_t party_size;      /* bytes of the largest */
    uint32_t most_of_party; /* trainings */
    uint64_t parties;
} ts_queue;

/* False: no memory. */
bool ts_queue_create(ts_queue *queue, ts_method_choice *choose, const ts_plan *plan, const ts_run_options *options);
void ts_queue_free(ts_queue *queue);

/* Take the next rows of a cell that are ours, from any thread. Returns false when there are none. */
bool ts_queue_take(ts_queue *queue, ts_queued_cell *cell, ts_rows *rows);

#endif
