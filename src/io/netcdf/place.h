/* Under which name a result comes to stand, and what it may replace. Inside src/io only. */
#ifndef TS_IO_NETCDF_PLACE_H
#define TS_IO_NETCDF_PLACE_H

#include "io/netcdf/result.h"
#include "io/target.h"

#include <limits.h>

/* What of a result decides whether another one may take its place. */
typedef struct ts_result_extent {
    ts_result_amount amount;
    bool complete;
    const char *configuration;
} ts_result_extent;

/* Give the temporary file of `target`, which holds a result like `made`, its name in the folder: the one asked for, or
 * one beside it where that is taken by a file that must stay. What must stay: all that is no result of timescape, or is
 * write-protected, or holds an unfinished result with more in it; from an unfinished result also every one that is
 * finished or of another configuration. Returns 0 or an errno. */
int ts_result_settle(ts_target *target, int temporary, const ts_result_extent *made, char name[NAME_MAX + 1]);

#endif
