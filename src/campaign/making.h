/* How the trainings of a result were computed, and what becomes of that when several results come together. */
#ifndef TS_CAMPAIGN_MAKING_H
#define TS_CAMPAIGN_MAKING_H

#include "io/netcdf/reader.h"

/* Attributes of a result file. Texts are lists, "a, b, c", whose entries are different and in order; "" is none. */
typedef struct ts_making {
    char *backend, *host, *device, *instructions;
    char *part; /* "2 of 7, 3 of 7": parts of the trainings; "": it was to have all of them */
    int threads, devices;
    double wall_seconds;
} ts_making;

/* Read them from an open result. What a file does not have is empty or 0. False: the reader has failed. */
bool ts_making_read(ts_making *making, ts_reader *reader);

/* Add those of another result: lists have the entries of both, numbers of threads and devices are the larger ones,
 * times the sum. So it makes no difference in which order and grouping several are added. False: no memory. */
bool ts_making_add(ts_making *sum, const ts_making *part);

/* Is an entry in a list? */
bool ts_making_has(const char *list, const char *entry);

void ts_making_free(ts_making *making);

#endif
