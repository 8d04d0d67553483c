#include "io/config/fill.h"

#include "base/words.h"
#include "io/config/axes.h"
#include "io/config/schema.h"
#include "model/grid.h"

#include <stdlib.h>
#include <string.h>

/* A scalar as its key says. It has been checked. */
static void store_scalar(void *member, size_t index, const ts_key *key, const char *text) {
    switch (key->kind) {
    case TS_KEY_NUMBER:
        ((double *)member)[index] = strtod(text, NULL);
        break;
    case TS_KEY_COUNT:
        ((uint64_t *)member)[index] = strtoull(text, NULL, 10);
        break;
    case TS_KEY_SWITCH:
        ((bool *)member)[index] = strcmp(text, "true") == 0;
        break;
    case TS_KEY_CHOICE:
        ((int *)member)[index] = ts_words_find(key->words, text);
        break;
    default: /* others are no settings */
        break;
    }
}

/* Fill the members that node `number`, a value of `key`, and those below it stand for. `index`: which entry of a list
 * it belongs to. A mapping in the place of one value leaves the member of that as it is, but switches a switch on. */
static void fill_members(ts_settings *settings, ts_document *document, const ts_key *key, int number, size_t index) {
    const yaml_node_t *node = yaml_document_get_node(&document->yaml, number);
    void *member = (char *)settings + key->offset;
    if (node->type == YAML_MAPPING_NODE) {
        if (key->kind == TS_KEY_SWITCH && key->is_setting)
            ((bool *)member)[index] = true; /* the mapping says in which way */
        for (const ts_key *below = ts_key_next(key, NULL); below; below = ts_key_next(key, below)) {
            const char *name = ts_key_name(below);
            const yaml_node_pair_t *pair = ts_document_pair(document, number, name, strlen(name));
            if (pair)
                fill_members(settings, document, below, pair->value, index);
        }
    } else if (key->kind == TS_KEY_LIST && key->is_setting) {
        const yaml_node_item_t *items = node->data.sequence.items.start;
        const size_t count = (size_t)(node->data.sequence.items.top - items);
        *(size_t *)member = count;
        for (size_t i = 0; i < count; i++)
            fill_members(settings, document, ts_key_entry(key), items[i], i);
    } else if (key->is_setting) {
        store_scalar(member, index, key, (const char *)node->data.scalar.value);
    }
}

static ts_status check_horizon(const ts_settings *settings, ts_document *document, ts_error *error) {
    static const char key[] = "sgd.horizon";
    const bool has_steps = ts_document_find(document, "sgd.horizon.steps");
    const bool has_slow_time = ts_document_find(document, "sgd.horizon.slow_time");
    if (has_steps && (has_slow_time || ts_document_find(document, "sgd.horizon.min_fast_time")))
        return ts_document_refuse_key(
            document, key, error, "found steps as well as a time, allowed is {steps} or {slow_time, min_fast_time}%s",
            ts_document_is_assigned(document, key)
                ? " (replace the whole horizon, as in --set 'sgd.horizon={steps: N}')"
                : "");
    if (!has_steps && !has_slow_time)
        return ts_document_refuse_key(document, key, error,
                                      "found neither steps nor slow_time, allowed is exactly one of them");
    /* In the settings a 0 means that a key is not given. */
    if (has_steps && settings->steps == 0)
        return ts_document_refuse_value(document, "sgd.horizon.steps", error,
                                        "allowed is a whole number from 1 to 2^56");
    if (has_slow_time && !(settings->slow_time > 0))
        return ts_document_refuse_value(document, "sgd.horizon.slow_time", error, "allowed is a number above 0");
    return TS_OK;
}

/* Is a parameter given as it has to be: by its key, or by an axis? */
static ts_status check_parameter(const ts_settings *settings, ts_document *document, ts_parameter parameter,
                                 ts_error *error) {
    const char *key = ts_parameters[parameter].key, *axis = ts_parameters[parameter].axis_key;
    const bool relu = settings->activation == TS_ACTIVATION_RELU && parameter == TS_PARAMETER_ETA;
    const bool has_key = ts_document_find(document, key), has_axis = ts_document_find(document, axis);
    if (relu && has_key)
        return ts_document_refuse_value(document, key, error, "the activation relu has no width: leave it out");
    if (relu && has_axis)
        return ts_document_refuse_key(document, axis, error, "the activation relu has no width: leave it out");
    if (has_key && has_axis)
        return ts_document_refuse_key(document, axis, error, "found beside %s, allowed is one of them", key);
    if (!has_key && !has_axis && !relu && parameter != TS_PARAMETER_NOISE)
        return ts_document_refuse_key(document, key, error, "missing; needed is a finite decimal number");
    return TS_OK;
}

/* In the settings a 0 means that there are as many as trainings. */
static ts_status check_limit_starts(const ts_settings *settings, ts_document *document, ts_error *error) {
    const char *key = "theory.starts";
    if (!ts_document_find(document, key) || settings->limit_starts > 0)
        return TS_OK;
    return ts_document_refuse_value(document, key, error, "allowed are whole numbers from 1 to %llu",
                                    TS_MAX_REPLICATES);
}

/* In the settings a 0 means that all cells have as many trainings. */
static ts_status check_half_width(const ts_settings *settings, ts_document *document, ts_error *error) {
    const char *key = "sweep.replicates.half_width";
    if (!ts_document_find(document, key) || settings->half_width > 0)
        return TS_OK;
    return ts_document_refuse_value(document, key, error, "allowed are numbers above 0 and below 0.5");
}

ts_status ts_config_fill(ts_settings *settings, ts_document *document, ts_error *error) {
    ts_error found = {0};
    *settings = ts_settings_default();
    fill_members(settings, document, ts_key_root, 1, 0);
    ts_status status = TS_OK;
    for (int p = 0; status == TS_OK && p < TS_PARAMETER_COUNT; p++)
        if (ts_parameters[p].key)
            status = check_parameter(settings, document, (ts_parameter)p, error);
    if (status == TS_OK)
        status = check_horizon(settings, document, error);
    if (status == TS_OK)
        status = check_limit_starts(settings, document, error);
    if (status == TS_OK)
        status = check_half_width(settings, document, error);
    if (status == TS_OK)
        status = ts_config_fill_axes(settings, document, error);
    if (status == TS_OK)
        status = ts_config_fill_observations(settings, document, error);
    if (status == TS_OK && ts_settings_validate(settings, &found) != TS_OK)
        status = ts_document_refuse_key(document, found.key, error, "%s", found.message);
    return status;
}
