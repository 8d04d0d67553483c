#include "issue_rates.h"

#include "simulated_device.h"

#include <math.h>

typedef struct issue_rates {
    ts_form form;
    uint32_t size; /* batch of ranked kernels, lanes of the others */
    uint32_t neurons;
    double rate[SIM_RATES];
} issue_rates;

static const issue_rates table[] = {
#include "issue_rates.inc" /* written by sass-report.sh --update */
};

static bool is_kernel_of(const issue_rates *rates, ts_shape shape) {
    return rates->form == shape.form && rates->size == (shape.form == TS_FORM_RANKED ? shape.batch : shape.lanes);
}

const double *bench_issue_rates(ts_shape shape) {
    const double *rate = NULL;
    double nearest = INFINITY;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const double distance = fabs(log((double)table[i].neurons / shape.row));
        if (is_kernel_of(&table[i], shape) && distance < nearest) {
            rate = table[i].rate;
            nearest = distance;
        }
    }
    return rate;
}
