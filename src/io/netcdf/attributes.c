/* Global attributes of a result file. */
#include "base/words.h"
#include "io/netcdf/parts.h"
#include "io/text.h"
#include "model/grid.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* "2026-01-31T12:00:00Z" */
static void print_date(char *text, size_t size) {
    time_t now = time(NULL);
    struct tm utc;
    text[0] = '\0';
    if (gmtime_r(&now, &utc))
        strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* "2026-01-31T12:00:00Z: timescape run ...", as the conventions ask for. */
static void put_history(ts_writer *writer, const char *date, const char *command) {
    const size_t size = strlen(date) + strlen(command) + 4;
    char *line = ts_writer_memory(writer, size, 1);
    if (line) {
        snprintf(line, size, "%s: %s", date, command);
        ts_writer_text(writer, NC_GLOBAL, "history", line);
    }
    free(line);
}

static void put_text(ts_writer *writer, const char *name, const char *text) {
    if (text && text[0])
        ts_writer_text(writer, NC_GLOBAL, name, text);
}

/* Times are multiples of 2^-10 s, so that those of parts add up to the same in any order. */
#define TICKS 1024

/* Which machine computed it, with what, and for how long. */
static void put_machine(ts_writer *writer, const ts_result_origin *origin) {
    char host[HOST_NAME_MAX + 1] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    put_text(writer, "host", origin->host ? origin->host : host);
    put_text(writer, "device", origin->device);
    put_text(writer, "instructions", origin->instructions);
    if (origin->threads > 0)
        ts_writer_count(writer, "threads", NC_INT, (uint64_t)origin->threads);
    if (origin->devices > 0)
        ts_writer_count(writer, "devices", NC_INT, (uint64_t)origin->devices);
    ts_writer_number(writer, "wall_seconds", rint(origin->wall_seconds * TICKS) / TICKS);
    put_text(writer, "part", origin->part);
}

static void put_origin(ts_writer *writer, const ts_result_origin *origin) {
    char source[160], date[32];
    print_date(date, sizeof date);
    snprintf(source, sizeof source, "timescape %s (%s)", ts_version(), ts_commit());
    ts_writer_text(writer, NC_GLOBAL, "Conventions", "CF-1.10");
    ts_writer_text(writer, NC_GLOBAL, "title", origin->title);
    ts_writer_text(writer, NC_GLOBAL, "source", source);
    put_history(writer, date, origin->command ? origin->command : "");
    put_text(writer, "date", date);
    ts_writer_text(writer, NC_GLOBAL, "configuration", origin->configuration);
    ts_writer_text(writer, NC_GLOBAL, "timescape_version", ts_version());
    ts_writer_text(writer, NC_GLOBAL, "timescape_commit", ts_commit());
    ts_writer_count(writer, "arithmetic_version", NC_INT, TS_ARITHMETIC_VERSION);
    ts_writer_text(writer, NC_GLOBAL, "backend", origin->backend);
    put_machine(writer, origin);
    ts_writer_count(writer, "complete", NC_BYTE, origin->complete);
}

static void put_target(ts_writer *writer) {
    const ts_settings *settings = writer->settings;
    ts_writer_number(writer, "target_base", settings->target_base);
    ts_writer_numbers(writer, "target_jump_at", settings->jump_count, settings->jump_at);
    ts_writer_numbers(writer, "target_jump_by", settings->jump_count, settings->jump_by);
    ts_writer_count(writer, "target_dimension", NC_INT, settings->dimension);
    ts_writer_number(writer, "target_variance", ts_target_variance(settings));
    if (settings->axis[TS_PARAMETER_ETA].count == 0)
        ts_writer_number(writer, "loss_floor", ts_loss_floor(settings));
    ts_writer_number(writer, "unexplained_variance", settings->unexplained_variance);
    ts_writer_text(writer, NC_GLOBAL, "success_stop", ts_words_stop[settings->stop]);
}

static void put_horizon(ts_writer *writer) {
    const ts_settings *settings = writer->settings;
    char text[128], slow[32], fast[32];
    ts_text_number(slow, sizeof slow, settings->slow_time, 6);
    ts_text_number(fast, sizeof fast, settings->min_fast_time, 6);
    if (settings->steps > 0)
        snprintf(text, sizeof text, "%llu steps", (unsigned long long)settings->steps);
    else if (settings->min_fast_time > 0 && settings->slow_time > 0)
        snprintf(text, sizeof text, "slow time %s, fast time at least %s", slow, fast);
    else if (settings->slow_time > 0)
        snprintf(text, sizeof text, "slow time %s", slow);
    else
        snprintf(text, sizeof text, "fast time %s", fast);
    ts_writer_text(writer, NC_GLOBAL, "horizon", text);
}

/* One that has the same value in all cells. */
static void put_parameter(ts_writer *writer, ts_parameter parameter) {
    if (writer->settings->axis[parameter].count == 0)
        ts_writer_number(writer, ts_parameters[parameter].name, ts_grid_value(writer->settings, parameter, 0));
}

/* Of cells that get as many trainings as their rates need: the most, the least, and what they need. */
static void put_replicates(ts_writer *writer) {
    const ts_settings *settings = writer->settings;
    ts_writer_count(writer, "replicates", NC_INT64, settings->replicates);
    if (settings->half_width == 0)
        return;
    ts_writer_count(writer, "replicates_at_least", NC_INT64, settings->least_replicates);
    ts_writer_number(writer, "half_width", settings->half_width);
    ts_writer_text(writer, NC_GLOBAL, "half_width_criterion", ts_words_criterion[settings->criterion]);
}

void ts_write_attributes(ts_writer *writer, const ts_result_origin *origin) {
    const ts_settings *settings = writer->settings;
    put_origin(writer, origin);
    ts_writer_count(writer, "seed", NC_UINT64, settings->seed);
    ts_writer_text(writer, NC_GLOBAL, "dynamics", ts_words_dynamics[settings->dynamics]);
    put_target(writer);
    ts_writer_text(writer, NC_GLOBAL, "activation", ts_words_activation[settings->activation]);
    if (settings->activation == TS_ACTIVATION_STEP)
        put_parameter(writer, TS_PARAMETER_ETA);
    ts_writer_number(writer, "start_weight", settings->start_weight);
    ts_writer_text(writer, NC_GLOBAL, "init", ts_words_init[settings->init]);
    put_parameter(writer, TS_PARAMETER_H);
    put_parameter(writer, TS_PARAMETER_NOISE);
    ts_writer_text(writer, NC_GLOBAL, "derivative", ts_words_derivative[settings->derivative]);
    put_horizon(writer);
    if (settings->theory && settings->steps == 0)
        ts_writer_number(writer, "limit_slow_time", settings->slow_time);
    ts_writer_text(writer, NC_GLOBAL, "randomness", ts_words_randomness[settings->randomness]);
    if (!writer->sweep)
        return;
    put_replicates(writer);
    ts_writer_text(writer, NC_GLOBAL, "quantile_source",
                   ts_sweep_quantiles_are_exact(writer->sweep) ? "trainings" : "histogram");
}
