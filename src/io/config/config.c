#include "io/config/config.h"

#include "io/config/document.h"
#include "io/config/schema.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One axis of the grid on its way from the file into the settings. */
typedef struct grid_axis {
    const char *key;
    const ts_config_axis *given;
    const ts_config_range *range; /* NULL: a list of values */
    bool is_log;
    size_t count;
} grid_axis;

static void write_key(char *to, size_t size, const grid_axis *axis, const char *last) {
    snprintf(to, size, "%s.%s%s", axis->key, axis->is_log ? "log" : "linear", last);
}

static ts_status check_range(const grid_axis *axis, ts_document *document, ts_error *error) {
    const ts_config_range *range = axis->range;
    char key[sizeof error->key];
    if (axis->is_log && !(range->from > 0)) {
        write_key(key, sizeof key, axis, ".from");
        return ts_document_refuse_value(document, key, error, "allowed is a number above 0 on a log axis");
    }
    if (!(range->to >= range->from)) {
        write_key(key, sizeof key, axis, ".to");
        return ts_document_refuse_value(document, key, error, "allowed is a number above from, which is %.15g",
                                        range->from);
    }
    bool is_point = range->from == range->to;
    if (is_point ? range->count != 1 : range->count < 2 || range->count > TS_MAX_CELLS) {
        write_key(key, sizeof key, axis, ".count");
        return ts_document_refuse_value(document, key, error, "allowed is %s",
                                        is_point ? "1 where from equals to" : "2 to 65536 where to is above from");
    }
    return TS_OK;
}

/* Find out which of the three kinds an axis is, and how many values it has, before anything is allocated. */
static ts_status measure_axis(grid_axis *axis, ts_document *document, ts_error *error) {
    const ts_config_axis *given = axis->given;
    int kinds = (given->values != NULL) + (given->log != NULL) + (given->linear != NULL);
    if (kinds == 0) {
        return ts_document_refuse_key(document, axis->key, error,
                                      "found none of values, log and linear, allowed is exactly one");
    }
    if (kinds > 1) {
        char hint[160] = "";
        if (ts_document_is_assigned(document, axis->key)) {
            snprintf(hint, sizeof hint, " (replace the whole axis, as in --set '%s={values: [...]}')", axis->key);
        }
        return ts_document_refuse_key(document, axis->key, error,
                                      "found %d of values, log and linear, allowed is exactly one%s", kinds, hint);
    }
    axis->is_log = given->log != NULL;
    axis->range = axis->is_log ? given->log : given->linear;
    axis->count = axis->range == NULL ? given->values_count : (size_t)axis->range->count;
    return axis->range == NULL ? TS_OK : check_range(axis, document, error);
}

/* Value `i` of a range. The ends are exact. The others are rounded to 15 significant digits, so that 1e-4 to 1 in five
 * steps gives the numbers that are written 1e-3, 1e-2 and 0.1, and every value can be written down and read again. */
static double range_value(const ts_config_range *range, bool is_log, size_t i) {
    if (i == 0 || i == range->count - 1) {
        return i == 0 ? range->from : range->to;
    }
    long double from = range->from;
    long double to = range->to;
    long double part = (long double)i / (long double)(range->count - 1);
    long double value = is_log ? from * powl(to / from, part) : from + (to - from) * part;
    char digits[64];
    snprintf(digits, sizeof digits, "%.15Lg", value);
    return strtod(digits, NULL);
}

static double axis_value(const grid_axis *axis, size_t i) {
    return axis->range == NULL ? axis->given->values[i] : range_value(axis->range, axis->is_log, i);
}

static bool is_neuron_count(double value) {
    return value >= 1 && value <= TS_MAX_NEURONS && value == floor(value);
}

/* Values of the list, or ends of the range, that no network can have. */
static ts_status check_neurons(const grid_axis *axis, ts_document *document, ts_error *error) {
    char key[sizeof error->key] = "";
    for (size_t i = 0; axis->range == NULL && key[0] == '\0' && i < axis->count; i++) {
        if (!is_neuron_count(axis->given->values[i])) {
            snprintf(key, sizeof key, "%s.values[%zu]", axis->key, i);
        }
    }
    if (axis->range != NULL && !is_neuron_count(axis->range->from)) {
        write_key(key, sizeof key, axis, ".from");
    } else if (axis->range != NULL && !is_neuron_count(axis->range->to)) {
        write_key(key, sizeof key, axis, ".to");
    }
    return key[0] == '\0' ? TS_OK
                          : ts_document_refuse_value(document, key, error, "allowed is a whole number from 1 to %d",
                                                     TS_MAX_NEURONS);
}

static ts_status fill_epsilon(ts_settings *settings, const grid_axis *axis, ts_error *error) {
    double *epsilon = malloc(axis->count * sizeof *epsilon);
    if (epsilon == NULL) {
        return ts_document_out_of_memory(error);
    }
    for (size_t i = 0; i < axis->count; i++) {
        epsilon[i] = axis_value(axis, i);
    }
    settings->epsilon = epsilon;
    settings->epsilon_count = axis->count;
    return TS_OK;
}

static ts_status fill_neurons(ts_settings *settings, const grid_axis *axis, ts_document *document, ts_error *error) {
    uint32_t *neurons = malloc(axis->count * sizeof *neurons);
    if (neurons == NULL) {
        return ts_document_out_of_memory(error);
    }
    settings->neurons = neurons;
    settings->neurons_count = axis->count;
    for (size_t i = 0; i < axis->count; i++) {
        neurons[i] = (uint32_t)round(axis_value(axis, i));
        if (axis->range != NULL && i > 0 && neurons[i] == neurons[i - 1]) {
            char key[sizeof error->key];
            write_key(key, sizeof key, axis, ".count");
            return ts_document_refuse_value(document, key, error,
                                            "allowed is a count at which all rounded values differ (%u comes twice)",
                                            neurons[i]);
        }
    }
    return TS_OK;
}

static ts_status fill_axes(ts_settings *settings, const ts_config_sweep *sweep, ts_document *document,
                           ts_error *error) {
    grid_axis epsilon = {.key = "sweep.epsilon", .given = &sweep->epsilon};
    grid_axis neurons = {.key = "sweep.neurons", .given = &sweep->neurons};
    ts_status status = measure_axis(&epsilon, document, error);
    if (status == TS_OK) {
        status = measure_axis(&neurons, document, error);
    }
    if (status == TS_OK) {
        status = check_neurons(&neurons, document, error);
    }
    if (status == TS_OK && epsilon.count * neurons.count > TS_MAX_CELLS) {
        status = ts_document_refuse_key(document, "sweep", error, "found %zu x %zu = %zu cells, allowed are at most %d",
                                        epsilon.count, neurons.count, epsilon.count * neurons.count, TS_MAX_CELLS);
    }
    if (status == TS_OK) {
        status = fill_epsilon(settings, &epsilon, error);
    }
    return status == TS_OK ? fill_neurons(settings, &neurons, document, error) : status;
}

static ts_status fill_horizon(ts_settings *settings, const ts_config_horizon *horizon, ts_document *document,
                              ts_error *error) {
    const char *key = "sgd.horizon";
    if (horizon->steps != NULL && (horizon->slow_time != NULL || horizon->min_fast_time != NULL)) {
        bool assigned = ts_document_is_assigned(document, key);
        return ts_document_refuse_key(
            document, key, error, "found steps as well as a time, allowed is {steps} or {slow_time, min_fast_time}%s",
            assigned ? " (replace the whole horizon, as in --set 'sgd.horizon={steps: N}')" : "");
    }
    if (horizon->steps == NULL && horizon->slow_time == NULL) {
        return ts_document_refuse_key(document, key, error,
                                      "found neither steps nor slow_time, allowed is exactly one of them");
    }
    /* In the settings a 0 means that a key is not given, so a 0 that was given must not get there. */
    if (horizon->steps != NULL && *horizon->steps == 0) {
        return ts_document_refuse_value(document, "sgd.horizon.steps", error,
                                        "allowed is a whole number from 1 to 2^56");
    }
    if (horizon->slow_time != NULL && !(*horizon->slow_time > 0)) {
        return ts_document_refuse_value(document, "sgd.horizon.slow_time", error, "allowed is a number above 0");
    }
    settings->steps = horizon->steps == NULL ? 0 : *horizon->steps;
    settings->slow_time = horizon->slow_time == NULL ? 0 : *horizon->slow_time;
    settings->min_fast_time = horizon->min_fast_time == NULL ? 0 : *horizon->min_fast_time;
    return TS_OK;
}

static ts_status fill_network(ts_settings *settings, const ts_config_network *network, ts_document *document,
                              ts_error *error) {
    const bool relu = network->activation != NULL && *network->activation == TS_ACTIVATION_RELU;
    settings->activation = relu ? TS_ACTIVATION_RELU : TS_ACTIVATION_STEP;
    settings->init = network->init == NULL ? settings->init : *network->init;
    settings->start_weight = network->start_weight == NULL ? settings->start_weight : *network->start_weight;
    settings->eta = network->eta == NULL ? 0 : *network->eta;
    if (network->eta == NULL && !relu) {
        return ts_document_refuse_key(document, "network.eta", error, "missing; needed is a finite decimal number");
    }
    if (network->eta != NULL && relu) {
        return ts_document_refuse_value(document, "network.eta", error,
                                        "the activation relu has no width: leave it out");
    }
    return TS_OK;
}

/* Everything but network, axes and horizon. What the file leaves out keeps its default. */
static void fill_values(ts_settings *settings, const ts_config_file *file) {
    *settings = ts_settings_default();
    settings->seed = file->seed;
    settings->dynamics = file->dynamics == NULL ? settings->dynamics : *file->dynamics;
    settings->target_base = file->target.base;
    settings->jump_count = file->target.jumps_count;
    for (size_t i = 0; i < file->target.jumps_count; i++) {
        settings->jump_at[i] = file->target.jumps[i].at;
        settings->jump_by[i] = file->target.jumps[i].by;
    }
    settings->dimension = file->target.dimension == NULL ? settings->dimension : (size_t)*file->target.dimension;
    settings->h = file->sgd.h;
    settings->noise = file->sgd.noise == NULL ? settings->noise : *file->sgd.noise;
    settings->derivative = file->sgd.derivative == NULL ? settings->derivative : *file->sgd.derivative;
    settings->replicates = file->sweep.replicates;
    settings->randomness = file->sweep.randomness == NULL ? settings->randomness : *file->sweep.randomness;
    if (file->success != NULL && file->success->unexplained_variance != NULL) {
        settings->unexplained_variance = *file->success->unexplained_variance;
    }
    settings->theory = file->theory == NULL ? settings->theory : *file->theory;
    if (file->output != NULL && file->output->keep_trainings != NULL) {
        settings->keep_trainings = *file->output->keep_trainings;
    }
}

static ts_status fill_config(ts_config *config, const ts_config_file *file, ts_document *document, ts_error *error) {
    fill_values(&config->settings, file);
    config->title = strdup(file->title == NULL ? "" : file->title);
    if (config->title == NULL) {
        return ts_document_out_of_memory(error);
    }
    ts_status status = fill_network(&config->settings, &file->network, document, error);
    if (status == TS_OK) {
        status = fill_horizon(&config->settings, &file->sgd.horizon, document, error);
    }
    if (status == TS_OK) {
        status = fill_axes(&config->settings, &file->sweep, document, error);
    }
    if (status == TS_OK) {
        ts_error found = {0};
        status = ts_settings_validate(&config->settings, &found);
        if (status != TS_OK) {
            status = ts_document_refuse_key(document, found.key, error, "%s", found.message);
        }
    }
    return status;
}

/* The document has passed the same schema before, so that this finds nothing to refuse: a failure is a lack of memory,
 * or a fault in config_check.c that must not go unseen. */
static ts_status load_typed(ts_config_file **file, const char *text, ts_document *document, ts_error *error) {
    const cyaml_config_t quiet = {.mem_fn = cyaml_mem, .flags = CYAML_CFG_NO_ALIAS};
    cyaml_err_t result =
        cyaml_load_data((const uint8_t *)text, strlen(text), &quiet, &ts_config_schema, (cyaml_data_t **)file, NULL);
    /* libyaml has read this text before: when it fails now, memory ran out. */
    if (result == CYAML_ERR_OOM || result == CYAML_ERR_LIBYAML_PARSER_INIT || result == CYAML_ERR_LIBYAML_PARSER) {
        return ts_document_out_of_memory(error);
    }
    return result == CYAML_OK ? TS_OK
                              : ts_document_refuse_key(document, "", error, "not a configuration (libcyaml: %s)",
                                                       cyaml_strerror(result));
}

ts_status ts_config_load(ts_config *config, const char *path, const char *const *assignments, size_t assignment_count,
                         ts_error *error) {
    ts_error unused;
    error = error == NULL ? &unused : error;
    *config = (ts_config){0};
    char *text = NULL;
    size_t length = 0;
    ts_document document = {0};
    ts_document copy = {0};
    ts_config_file *file = NULL;
    ts_status status = ts_document_read_file(&text, &length, path, error);
    if (status == TS_OK) {
        status = ts_document_open(&document, path, text, length, assignments, assignment_count, error);
    }
    /* Writing a document destroys it, and this one is still needed to say where a value stands: write a copy. */
    if (status == TS_OK) {
        status = ts_document_open(&copy, path, text, length, assignments, assignment_count, error);
    }
    if (status == TS_OK) {
        config->text = ts_document_emit(&copy);
        status =
            config->text == NULL ? ts_document_out_of_memory(error) : load_typed(&file, config->text, &document, error);
    }
    if (file != NULL) {
        status = fill_config(config, file, &document, error);
        const cyaml_config_t quiet = {.mem_fn = cyaml_mem};
        cyaml_free(&quiet, &ts_config_schema, file, 0);
    }
    ts_document_close(&document);
    free(text);
    if (status != TS_OK) {
        ts_config_free(config);
    }
    return status;
}

void ts_config_free(ts_config *config) {
    free(config->title);
    free(config->text);
    free((void *)config->settings.epsilon);
    free((void *)config->settings.neurons);
    *config = (ts_config){0};
}
