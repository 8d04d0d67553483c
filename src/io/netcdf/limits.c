/* Variables of a result file over network sizes: the limit epsilon -> 0. */
#include "io/netcdf/parts.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* One field of ts_limit_summary. NC_INT64 stands for a uint64_t there, NC_DOUBLE for a double. */
typedef struct limit_field {
    const char *name;
    size_t offset;
    nc_type type;
    const char *long_name;
} limit_field;

#define FIELD(name) #name, offsetof(ts_limit_summary, name)
static const limit_field limit_fields[] = {
    {FIELD(limit_trainings), NC_INT64, "number of starts from which the limit epsilon -> 0 was computed"},
    {FIELD(limit_success_count), NC_INT64, "number of starts from which the limit ends in success"},
    {FIELD(limit_success_rate), NC_DOUBLE, "share of the starts from which the limit ends in success"},
    {FIELD(limit_success_low), NC_DOUBLE, "success rate of the limit, lower end of the Wilson 95 per cent interval"},
    {FIELD(limit_success_high), NC_DOUBLE, "success rate of the limit, upper end of the Wilson 95 per cent interval"},
    {FIELD(limit_horizon_success_count), NC_INT64,
     "number of starts from which the limit is a success at the slow time of the horizon"},
    {FIELD(limit_horizon_success_rate), NC_DOUBLE,
     "share of the starts from which the limit is a success at the slow time of the horizon"},
    {FIELD(limit_horizon_success_low), NC_DOUBLE,
     "success rate of the limit at the slow time of the horizon, lower end of the Wilson 95 per cent interval"},
    {FIELD(limit_horizon_success_high), NC_DOUBLE,
     "success rate of the limit at the slow time of the horizon, upper end of the Wilson 95 per cent interval"},
    {FIELD(start_condition_probability), NC_DOUBLE,
     "probability that a start has at least two neurons in every piece of the target"},
};
#undef FIELD
#define LIMIT_FIELD_COUNT (sizeof limit_fields / sizeof limit_fields[0])

/* `values` [columns] is room for 8 bytes each. */
static void write_field(ts_writer *writer, const limit_field *field, const ts_limit_summary *summaries,
                        uint64_t *values) {
    int variable = ts_writer_variable(writer, field->name, field->type, 1, &writer->of_parameter[TS_PARAMETER_NEURONS],
                                      field->long_name);
    if (field->type == NC_DOUBLE)
        ts_writer_missing_is_nan(writer, variable);
    for (size_t j = 0; j < writer->settings->axis[TS_PARAMETER_NEURONS].count; j++)
        memcpy(&values[j], (const char *)&summaries[j] + field->offset, sizeof values[j]);
    ts_writer_values(writer, variable, values);
}

void ts_write_limits(ts_writer *writer) {
    size_t columns = writer->settings->axis[TS_PARAMETER_NEURONS].count;
    ts_limit_summary *summaries = ts_writer_memory(writer, columns, sizeof *summaries);
    uint64_t *values = ts_writer_memory(writer, columns, sizeof *values);
    if (summaries && values) {
        for (size_t j = 0; j < columns; j++)
            summaries[j] = ts_sweep_limit(writer->sweep, j);
        for (size_t field = 0; field < LIMIT_FIELD_COUNT; field++)
            write_field(writer, &limit_fields[field], summaries, values);
    }
    free(values);
    free(summaries);
}
