/* What failures of machines cost a campaign that lasts for so long without them. */
#ifndef TS_BENCH_FAILURES_H
#define TS_BENCH_FAILURES_H

#include <stddef.h>

typedef struct failure_model {
    double work;       /* seconds that the campaign takes without failures */
    double between;    /* mean seconds between two failures of one machine, which come at random */
    double checkpoint; /* seconds between two checkpoints */
    double restart;    /* seconds until it goes on after a failure */
    size_t machines;
} failure_model;

/* Mean time that the campaign takes, over `work`: as one job, which goes on as a whole from the last checkpoint when
 * one of the machines fails; and as a job for each machine, of which the last one to end counts. INFINITY: it does not
 * end within 1000 times the work. */
double failure_slowdown_together(const failure_model *model);
double failure_slowdown_apart(const failure_model *model);

#endif
