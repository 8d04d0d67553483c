/* What timescape run and timescape trace print when they are done. */
#ifndef TS_CLI_SUMMARY_H
#define TS_CLI_SUMMARY_H

#include <timescape.h>

/* Print the success rates in the result file `path`, and how fast and how evenly its trainings ran. */
void ts_print_summary(const char *path, const ts_run_report *report);

/* The same for the trainings in the trace `path`. */
void ts_print_trace_summary(const char *path, const ts_run_report *report);

#endif
