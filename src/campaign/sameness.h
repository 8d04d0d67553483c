/* Are the trainings of two cells the same, and counted alike? */
#ifndef TS_CAMPAIGN_SAMENESS_H
#define TS_CAMPAIGN_SAMENESS_H

#include "sweep/sweep.h"

#define TS_HORIZON_KEY "sgd.horizon"

/* The configuration key of something that differs between cell `i` of one sweep and cell `j` of another, and on which a
 * training, or what is counted of it, depends. NULL: they are the same. The horizon comes last: where it differs,
 * trainings are the same for as long as both go on. What only `a` sees on its way does not matter. */
const char *ts_sameness_difference(const ts_sweep *a, size_t i, const ts_sweep *b, size_t j);

#endif
