/* Which trainings of a configuration a trace follows, and when it looks at them. */
#ifndef TS_CLI_TRACE_CHOICE_H
#define TS_CLI_TRACE_CHOICE_H

#include <timescape.h>

#define TS_DEFAULT_TRACED 4  /* trainings, where the sweep has so many */
#define TS_DEFAULT_TIMES 101 /* where a training has so many steps */

typedef struct ts_trace_choice {
    double at[TS_PARAMETER_COUNT];     /* values asked for; NaN: the only one */
    uint32_t replicate[TS_MAX_TRACED]; /* [count] */
    size_t count;                      /* 0: the first ones */
    size_t times;                      /* 0: the default */
    bool log_times;                    /* at ever greater distances */
    bool no_functions;
} ts_trace_choice;

/* Read a list of replicates: numbers and ranges with commas between, "0..3,17". False when it is none or too long. */
bool ts_trace_choice_list(ts_trace_choice *choice, const char *text);

/* Read when to look: "101" or "log:101". False when it is neither, or not from 2 to TS_MAX_TRACE_TIMES. */
bool ts_trace_choice_times(ts_trace_choice *choice, const char *text);

/* Fill in what was left open, and narrow the axes of `settings` to the cell that is chosen. Errors: TS_INVALID, with a
 * sentence that says what there is to choose from. */
ts_status ts_trace_choice_resolve(ts_trace_choice *choice, ts_settings *settings, ts_error *error);

#endif
