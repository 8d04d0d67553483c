/* Success rates at another threshold, from the histograms of a result file. */
#include "base/fail.h"
#include "estimate/rate.h"
#include "io/netcdf/reader.h"
#include "sweep/sweep.h"

#include <math.h>
#include <stdlib.h>

/* Counts to be made anew, and what follows from them: [moments][cells]. */
typedef struct counted {
    const char *histogram; /* variable [moments][cells][bins] */
    size_t moments;
    double *count, *rate, *low, *high;
} counted;

/* Trainings of a histogram with a loss of at most `most`. */
static double count_up_to(const double *histogram, size_t bins, double most) {
    double count = 0;
    for (size_t bin = 0; bin < bins && ts_loss_bin_low(bin) < most; bin++) {
        const double low = ts_loss_bin_low(bin), high = ts_loss_bin_low(bin + 1);
        count += histogram[bin] * fmin((most - low) / (high - low), 1); /* the last bin has no end */
    }
    return count;
}

double ts_result_loss_floor(const ts_result *result, size_t cell) {
    double floor = result->loss_floor;
    for (size_t k = result->axis_count; k-- > 0; cell /= result->axis[k].count)
        if (result->axis[k].parameter == TS_PARAMETER_ETA)
            floor = result->loss_floors[cell % result->axis[k].count];
    return floor;
}

static void count_anew(const ts_result *result, const counted *of, const double *histogram) {
    const size_t cells = ts_result_cells(result), bins = result->bin_count;
    for (size_t i = 0; i < of->moments * cells; i++) {
        const size_t cell = i % cells;
        const double most = ts_result_loss_floor(result, cell) + result->unexplained_variance * result->target_variance;
        of->count[i] = count_up_to(histogram + i * bins, bins, most);
        ts_rate_interval(of->count[i], result->trainings[cell], &of->rate[i], &of->low[i], &of->high[i]);
    }
}

/* Dimensions of the cells behind the first place, and of the bins behind them. Returns how many the cells have. */
static int find_dimensions(ts_reader *reader, const ts_result *result, int dimensions[TS_PARAMETER_COUNT + 2]) {
    ts_parameter parameter[TS_PARAMETER_COUNT];
    size_t length[TS_PARAMETER_COUNT];
    const int count = (int)ts_reader_axes(reader, dimensions + 1, parameter, length);
    if (result->observations.count > 0)
        (void)ts_reader_dimension(reader, "observation", TS_MAX_OBSERVATIONS, &dimensions[0]);
    (void)ts_reader_dimension(reader, "loss_bin", result->bin_count, &dimensions[count + 1]);
    return count;
}

ts_status ts_result_check_threshold(const ts_result *result, double unexplained_variance, ts_error *error) {
    if (!result->stops || unexplained_variance == result->unexplained_variance)
        return TS_OK;
    return ts_fail(error, TS_INVALID, "",
                   "--unexplained-variance: the trainings stopped at their first success, and nobody knows how they "
                   "would have gone on; a run with success.unexplained_variance has other successes");
}

ts_status ts_result_reclassify(ts_result *result, const char *path, double unexplained_variance, ts_error *error) {
    ts_result_observations *seen = &result->observations;
    const counted all[] = {
        {"loss_histogram", 1, result->success_count, result->success_rate, result->success_low, result->success_high},
        {"position_loss_histogram", 1, result->position_success_count, result->position_success_rate,
         result->position_success_low, result->position_success_high},
        {"observed_loss_histogram", seen->count, seen->success_count, seen->success_rate, seen->success_low,
         seen->success_high},
        {"observed_position_loss_histogram", seen->count, seen->position_success_count, seen->position_success_rate,
         seen->position_success_low, seen->position_success_high},
    };
    if (!(unexplained_variance > 0 && unexplained_variance <= 1))
        return ts_fail(error, TS_INVALID, "",
                       "--unexplained-variance: found %.10g, allowed are numbers above 0 and up to 1",
                       unexplained_variance);
    if (ts_result_check_threshold(result, unexplained_variance, error) != TS_OK)
        return TS_INVALID;
    ts_reader reader;
    int dimensions[TS_PARAMETER_COUNT + 2] = {0};
    const ts_status status = ts_reader_open(&reader, path, error);
    if (status != TS_OK)
        return status;
    result->unexplained_variance = unexplained_variance;
    result->has_other_threshold = true;
    const int count = find_dimensions(&reader, result, dimensions);
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
        const bool is_observed = k >= 2;
        if (!all[k].count)
            continue;
        double *histogram =
            ts_reader_values(&reader, all[k].histogram, dimensions + !is_observed, count + 1 + is_observed);
        if (reader.status == TS_OK)
            count_anew(result, &all[k], histogram);
        free(histogram);
    }
    ts_reader_close(&reader);
    double **const lost[] = {&result->success_rate_controlled,
                             &result->success_rate_controlled_low,
                             &result->success_rate_controlled_high,
                             &result->position_success_rate_controlled,
                             &result->position_success_rate_controlled_low,
                             &result->position_success_rate_controlled_high,
                             &result->covered_failure_count,
                             &seen->covered_failure_count,
                             &seen->first_success_count,
                             &result->limit_success_rate,
                             &result->limit_horizon_success_rate,
                             &result->limit_trainings,
                             &result->limit_agreement};
    for (size_t k = 0; k < sizeof lost / sizeof lost[0]; k++) {
        free(*lost[k]);
        *lost[k] = NULL;
    }
    return reader.status;
}
