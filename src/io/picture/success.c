/* What a success is, and when. */
#include "base/fail.h"
#include "base/words.h"
#include "io/picture/kinds.h"
#include "io/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

ts_status ts_picture_no_positions(const ts_result *result, ts_error *error) {
    return ts_fail(error, TS_INVALID, "", "%s",
                   result->has_other_threshold
                       ? "what the positions say of this is not known at another unexplained variance"
                       : "the result does not say what the positions say: it is of rectified linear units, or of an "
                         "older version");
}

void ts_picture_time_text(char *text, size_t size, const ts_result *result, size_t k) {
    static const char *const clocks[] = {
        [TS_CLOCK_STEPS] = "step", [TS_CLOCK_SLOW_TIME] = "slow time", [TS_CLOCK_FAST_TIME] = "fast time"};
    char time[32];
    ts_text_number(time, sizeof time, result->observations.time[k], 4);
    snprintf(text, size, "%s %s", clocks[result->observations.clock], time);
}

/* When it is a success: at the end unless trainings stop before. */
static void print_moment(char *text, size_t size, const ts_result *result, bool by_positions) {
    char last[64];
    text[0] = '\0';
    if (!result->stops)
        return;
    ts_picture_time_text(last, sizeof last, result, result->observations.count - 1);
    if (by_positions)
        snprintf(text, size, " when the training ends: at its first success by the loss%s",
                 result->is_observed ? ", or not yet" : ", or at its horizon");
    else if (result->is_observed)
        snprintf(text, size, " at this observation or one before it");
    else
        snprintf(text, size, " at one of %zu observations up to %s, or at the horizon", result->observations.count,
                 last);
}

const char *ts_picture_loss_name(const ts_result *result) {
    return result->stops ? "loss at the first success or the horizon" : "final loss";
}

/* Where there are several ways to the rate, the one that is closest. */
static ts_success rates_of(const ts_result *result, bool by_positions) {
    const char *by_loss = !result->stops        ? "success rate"
                          : result->is_observed ? "success rate until then"
                                                : "success rate by the horizon";
    ts_success success = {by_positions ? "success rate by positions" : by_loss,
                          .control = "; rates with the limit as control variate", .intervals = "95 per cent intervals"};
    if (result->success_rate_controlled && by_positions) {
        success.rate = result->position_success_rate_controlled;
        success.low = result->position_success_rate_controlled_low;
        success.high = result->position_success_rate_controlled_high;
    } else if (result->success_rate_controlled) {
        success.rate = result->success_rate_controlled;
        success.low = result->success_rate_controlled_low;
        success.high = result->success_rate_controlled_high;
    } else {
        success.rate = by_positions ? result->position_success_rate : result->success_rate;
        success.low = by_positions ? result->position_success_low : result->success_low;
        success.high = by_positions ? result->position_success_high : result->success_high;
        success.control = "";
        success.intervals = "95 per cent Wilson intervals";
    }
    return success;
}

/* The threshold differs between cells where their loss floors do. */
ts_status ts_picture_set_success(ts_success *success, const ts_result *result, const char *criterion, ts_error *error) {
    const bool by_positions = criterion && strcmp(criterion, "positions") == 0;
    char threshold[64], number[32], moment[128];
    if (criterion && !by_positions && strcmp(criterion, "loss") != 0)
        return ts_fail(error, TS_INVALID, "", "--criterion: found '%.40s', allowed are loss and positions", criterion);
    if (by_positions && !result->position_success_rate)
        return ts_picture_no_positions(result, error);
    if (isnan(result->loss_floor)) {
        ts_text_number(number, sizeof number, result->unexplained_variance, 4);
        snprintf(threshold, sizeof threshold, "the floor plus %s of the variance", number);
    } else {
        ts_text_number(threshold, sizeof threshold,
                       result->loss_floor + result->unexplained_variance * result->target_variance, 3);
    }
    *success = rates_of(result, by_positions);
    print_moment(moment, sizeof moment, result, by_positions);
    snprintf(success->note, sizeof success->note, "%s is at most %s%s%s",
             by_positions ? "success by positions: the loss with the best weights for them" : "success: the loss",
             threshold, moment, result->has_other_threshold ? ", counted from the histogram, linear within a bin" : "");
    return TS_OK;
}

double ts_picture_median_time(const ts_result *result, size_t cell) {
    const ts_result_observations *seen = &result->observations;
    const size_t cells = ts_result_cells(result);
    double count = 0;
    for (size_t k = 0; k < seen->count; k++) {
        count += seen->first_success_count[k * cells + cell];
        if (count > 0 && 2 * count >= result->trainings[cell])
            return seen->time[k];
    }
    return NAN;
}
