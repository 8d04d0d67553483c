/* What timescape boundary prints for people. */
#ifndef TS_CLI_BOUNDARY_TABLES_H
#define TS_CLI_BOUNDARY_TABLES_H

#include "io/boundary/study.h"

/* Print the boundaries of a study of this result, and its laws, in lines of at most `columns` characters. */
void ts_print_boundary_tables(const ts_study *study, const ts_result *result, int columns);

#endif
