/* Global attributes of a result file. */
#include "io/result_writer.h"
#include "io/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void ts_result_text(ts_result_writer *writer, int variable, const char *name, const char *text) {
    if (writer->code != NC_NOERR)
        return;
    char *clean = ts_text_clean(text);
    if (clean == NULL)
        ts_result_note(writer, NC_ENOMEM);
    else
        ts_result_note(writer, nc_put_att_text(writer->file, variable, name, strlen(clean), clean));
    free(clean);
}

static void put_number(ts_result_writer *writer, const char *name, double value) {
    if (writer->code == NC_NOERR)
        ts_result_note(writer, nc_put_att_double(writer->file, NC_GLOBAL, name, NC_DOUBLE, 1, &value));
}

static void put_count(ts_result_writer *writer, const char *name, nc_type type, uint64_t value) {
    unsigned long long number = value;
    if (writer->code == NC_NOERR)
        ts_result_note(writer, nc_put_att_ulonglong(writer->file, NC_GLOBAL, name, type, 1, &number));
}

/* "2026-01-31T12:00:00Z: timescape run ...", as the conventions ask for. */
static void put_history(ts_result_writer *writer, const char *command) {
    char stamp[32] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL)
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
    size_t size = sizeof stamp + strlen(command) + 4;
    char *line = malloc(size);
    if (line == NULL) {
        ts_result_note(writer, NC_ENOMEM);
        return;
    }
    snprintf(line, size, "%s: %s", stamp, command);
    ts_result_text(writer, NC_GLOBAL, "history", line);
    free(line);
}

static void put_origin(ts_result_writer *writer, const ts_result_origin *origin) {
    char source[160];
    snprintf(source, sizeof source, "timescape %s (%s)", ts_version(), ts_commit());
    ts_result_text(writer, NC_GLOBAL, "Conventions", "CF-1.10");
    ts_result_text(writer, NC_GLOBAL, "title", origin->title);
    ts_result_text(writer, NC_GLOBAL, "source", source);
    put_history(writer, origin->command != NULL ? origin->command : "");
    ts_result_text(writer, NC_GLOBAL, "configuration", origin->configuration);
    ts_result_text(writer, NC_GLOBAL, "timescape_version", ts_version());
    ts_result_text(writer, NC_GLOBAL, "timescape_commit", ts_commit());
    put_count(writer, "arithmetic_version", NC_INT, TS_ARITHMETIC_VERSION);
    ts_result_text(writer, NC_GLOBAL, "backend", origin->backend);
    put_count(writer, "complete", NC_BYTE, origin->complete);
}

static void put_target(ts_result_writer *writer) {
    const ts_settings *settings = writer->settings;
    put_number(writer, "target_base", settings->target_base);
    if (settings->jump_count > 0 && writer->code == NC_NOERR) {
        ts_result_note(writer, nc_put_att_double(writer->file, NC_GLOBAL, "target_jump_at", NC_DOUBLE,
                                                 settings->jump_count, settings->jump_at));
        ts_result_note(writer, nc_put_att_double(writer->file, NC_GLOBAL, "target_jump_by", NC_DOUBLE,
                                                 settings->jump_count, settings->jump_by));
    }
    put_count(writer, "target_dimension", NC_INT, settings->dimension);
    put_number(writer, "target_variance", ts_target_variance(settings));
    put_number(writer, "loss_floor", ts_loss_floor(settings));
    put_number(writer, "unexplained_variance", settings->unexplained_variance);
}

static void put_horizon(ts_result_writer *writer) {
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
    ts_result_text(writer, NC_GLOBAL, "horizon", text);
}

void ts_result_write_attributes(ts_result_writer *writer, const ts_result_origin *origin) {
    const ts_settings *settings = writer->settings;
    put_origin(writer, origin);
    put_count(writer, "seed", NC_UINT64, settings->seed);
    ts_result_text(writer, NC_GLOBAL, "dynamics", settings->dynamics == TS_DYNAMICS_SGD ? "sgd" : "gradient_flow");
    put_target(writer);
    ts_result_text(writer, NC_GLOBAL, "activation", settings->activation == TS_ACTIVATION_STEP ? "step" : "relu");
    if (settings->activation == TS_ACTIVATION_STEP)
        put_number(writer, "eta", settings->eta);
    put_number(writer, "start_weight", settings->start_weight);
    ts_result_text(writer, NC_GLOBAL, "init", settings->init == TS_INIT_UNIFORM ? "uniform" : "equispaced");
    put_number(writer, "h", settings->h);
    put_number(writer, "noise", settings->noise);
    ts_result_text(writer, NC_GLOBAL, "derivative", settings->derivative == TS_DERIVATIVE_EXACT ? "exact" : "box");
    put_horizon(writer);
    if (settings->theory && settings->steps == 0)
        put_number(writer, "limit_slow_time", settings->slow_time);
    ts_result_text(writer, NC_GLOBAL, "randomness",
                   settings->randomness == TS_RANDOMNESS_COMMON ? "common" : "independent");
    if (writer->sweep == NULL)
        return;
    put_count(writer, "replicates", NC_INT64, settings->replicates);
    ts_result_text(writer, NC_GLOBAL, "quantile_source",
                   ts_sweep_quantiles_are_exact(writer->sweep) ? "trainings" : "histogram");
}
