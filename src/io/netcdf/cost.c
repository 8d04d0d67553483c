/* How long the writing of a result takes: compressing it, above all. */
#include "base/clock.h"
#include "io/netcdf/writer.h"

#include <math.h>
#include <stdlib.h>

#define SAMPLE ((size_t)1 << 18) /* numbers that are compressed to see how fast that is */
#define CHUNK ((size_t)1 << 17)
#define HISTOGRAM_SPEED 6.0 /* histograms are nearly empty: so many times as fast as numbers that are all different */

/* Numbers as different from each other as positions are. */
static void fill(double *values) {
    uint64_t word = 1;
    for (size_t k = 0; k < SAMPLE; k++) {
        word = word * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        values[k] = ldexp((double)(word >> 11), -53);
    }
}

/* Seconds for one number of 8 bytes, in a file that stays in memory. NaN when it cannot be made. */
static double measure(void) {
    const size_t chunk = CHUNK;
    ts_writer writer = {0};
    int dimension = -1;
    double *values = ts_writer_memory(&writer, SAMPLE, sizeof *values), began = 0;
    if (values)
        fill(values);
    if (ts_writer_create(&writer, "timescape", NC_DISKLESS)) {
        began = ts_seconds_now();
        ts_writer_dimension(&writer, "x", SAMPLE, &dimension);
        const int variable = ts_writer_variable(&writer, "values", NC_DOUBLE, 1, &dimension, "numbers");
        ts_writer_compress(&writer, variable, &chunk);
        ts_writer_values(&writer, variable, values);
        ts_writer_close(&writer);
    }
    free(values);
    return ts_writer_works(&writer) ? (ts_seconds_now() - began) / (double)SAMPLE : NAN;
}

double ts_result_writing_seconds(const ts_sweep *sweep) {
    const ts_settings *settings = ts_sweep_settings(sweep);
    const size_t cells = ts_sweep_cell_count(sweep);
    const double histograms = (double)cells * 2 * (1 + (double)settings->observe_count);
    double numbers = histograms * (double)ts_loss_bin_count() / HISTOGRAM_SPEED;
    const ts_sweep_axis sizes = settings->axis[TS_PARAMETER_NEURONS];
    for (size_t j = 0; j < sizes.count; j++)
        numbers += (double)cells / (double)sizes.count * (double)settings->replicates *
                   (settings->keep_trainings + settings->keep_states) *
                   (2.0 * (double)settings->dimension * sizes.values[j] + 4);
    const double bytes =
        (double)cells * (double)settings->replicates * ((ts_covered_count(settings) > 0) + settings->theory + 1);
    numbers += bytes / sizeof(double);
    return numbers > (double)SAMPLE ? numbers * measure() : 0; /* less is no time at all */
}
