#include "io/picture/kinds.h"

#include "base/fail.h"
#include "io/text.h"

#include <math.h>
#include <string.h>

/* The names of the kinds, or of those that take a choice: "a, b or c". Returns how many there are. */
static size_t list_names(char *text, size_t size, const ts_picture_kind *kinds, size_t count, bool takes_one,
                         const char *last_word) {
    size_t listed = 0, named = 0;
    for (size_t k = 0; k < count; k++)
        listed += !takes_one || kinds[k].takes_one;
    text[0] = '\0';
    for (size_t k = 0; k < count; k++) {
        if (takes_one && !kinds[k].takes_one)
            continue;
        named++;
        const char *before = named == 1 ? "" : named < listed ? ", " : last_word;
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s", before, kinds[k].name);
    }
    return listed;
}

ts_status ts_picture_find_kind(const ts_picture_kind *kinds, size_t count, const char *name, const char *what,
                               size_t *found, ts_error *error) {
    for (size_t k = 0; k < count; k++)
        if (strcmp(name, kinds[k].name) == 0) {
            *found = k;
            return TS_OK;
        }
    char names[128];
    list_names(names, sizeof names, kinds, count, false, " or ");
    return ts_fail(error, TS_INVALID, "", "%s has no picture of kind '%.40s': it is %s", what, name, names);
}

ts_status ts_picture_check_choice(const ts_picture_kind *kinds, size_t count, size_t kind, const char *option,
                                  ts_error *error) {
    if (kinds[kind].takes_one)
        return TS_OK;
    char names[128];
    bool one = list_names(names, sizeof names, kinds, count, true, " and ") == 1;
    return ts_fail(error, TS_INVALID, "", "%s has no effect on a picture of kind %s: %s %s", option, kinds[kind].name,
                   names, one ? "takes it" : "take it");
}

const double *ts_picture_limit(const ts_result *result) {
    if (result->axis[0].parameter != TS_PARAMETER_EPSILON || result->axis[1].parameter != TS_PARAMETER_NEURONS)
        return NULL;
    return isnan(result->limit_slow_time) ? result->limit_success_rate : result->limit_horizon_success_rate;
}

void ts_picture_limit_text(char *text, size_t size, const ts_result *result) {
    char time[32], starts[48] = "the same starts";
    ts_text_number(time, sizeof time, result->limit_slow_time, 6);
    if (result->success_rate_controlled)
        snprintf(starts, sizeof starts, "%.0f starts", result->limit_trainings[0]);
    if (isnan(result->limit_slow_time))
        snprintf(text, size, "the two-timescale limit from %s, when nothing moves any more", starts);
    else
        snprintf(text, size, "the two-timescale limit from %s, at slow time %s", starts, time);
}

double ts_picture_loss_floor(const ts_result *result, size_t row) {
    return result->axis[1].parameter == TS_PARAMETER_ETA ? result->loss_floors[row] : result->loss_floor;
}

bool ts_picture_all_diverged(const ts_result *result, size_t cell) {
    return result->trainings[cell] > 0 && result->diverged_count[cell] >= result->trainings[cell];
}

double ts_picture_quantile(const ts_result *result, const double *quantile, size_t cell) {
    return result->loss_mean[cell] == 0 && !isnan(quantile[cell]) ? 0 : quantile[cell];
}
