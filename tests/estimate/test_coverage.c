/* How many of the 95 per cent intervals of boundaries and laws hold the truth, over thousands of synthetic sweeps. With
 * the argument "table", and a number of sweeps, it prints the table of docs/statistics.md instead of testing. */
#include "estimate/law.h"
#include "estimate/sweeps.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TESTED 2000 /* sweeps of each claim: a coverage of 95 per cent is measured to 0.5 */

/* Shares of what was counted. */
typedef struct coverage {
    double boundaries, low, high; /* of all boundaries: held, not found because below and above the interval */
    double found, length;         /* found; mean log of high / low of the closed ones */
    double fits;                  /* of those found */
    double exponent, factor;      /* of the laws: held */
    double widened;               /* of the laws */
} coverage;

typedef struct counts {
    double boundaries, held, low, high, found, fits, closed, length, laws, exponent, factor, widened;
} counts;

static void count_sweep(counts *of, const test_sweep *sweep, const test_design *design) {
    ts_boundaries found;
    ts_law law;
    assert_int_equal(ts_boundaries_find(&found, sweep->trials, design->curves, design->level, design->common, NULL),
                     TS_OK);
    assert_int_equal(ts_law_fit(&law, &found, sweep->curve, sweep->x, design->curves, NULL), TS_OK);
    for (size_t c = 0; c < design->curves; c++) {
        const ts_boundary *boundary = &found.boundary[c];
        const double truth = exp(sweep->truth[c]);
        of->boundaries++;
        of->held += boundary->low <= truth && truth <= boundary->high;
        of->low += truth < boundary->low;
        of->high += truth > boundary->high;
        if (boundary->state != TS_BOUNDARY_FOUND)
            continue;
        of->found++;
        of->fits += boundary->fits;
        if (boundary->low > 0 && isfinite(boundary->high)) {
            of->closed++;
            of->length += log(boundary->high / boundary->low);
        }
    }
    if (law.curves >= 3) {
        const double factor = exp(sweep->truth[0]) / pow(sweep->x[0], 1.1);
        of->laws++;
        of->exponent += law.exponent_low <= 1.1 && 1.1 <= law.exponent_high;
        of->factor += law.factor_low <= factor && factor <= law.factor_high;
        of->widened += law.widened;
    }
    ts_boundaries_free(&found);
}

static coverage coverage_of(const test_design *design, int sweeps) {
    test_sweep sweep;
    test_random random = {UINT64_C(88172645463325252) + design->replicates};
    counts of = {0};
    sweep_create(&sweep, design);
    for (int i = 0; i < sweeps; i++) {
        sweep_draw(&sweep, design, &random);
        count_sweep(&of, &sweep, design);
    }
    sweep_free(&sweep);
    return (coverage){.boundaries = of.held / of.boundaries,
                      .low = of.low / of.boundaries,
                      .high = of.high / of.boundaries,
                      .found = of.found / of.boundaries,
                      .length = of.length / of.closed,
                      .fits = of.fits / of.found,
                      .exponent = of.exponent / of.laws,
                      .factor = of.factor / of.laws,
                      .widened = of.widened / of.laws};
}

#define DESIGN(of_truth, is_common, of_cells, of_replicates)                                                           \
    .truth = (of_truth), .common = (is_common), .curves = 3, .cells = (of_cells), .decades = 4,                        \
    .replicates = (of_replicates), .steepness = 2, .level = 0.5

/* ---- claims */

static void assert_holds(const test_design *design) {
    const coverage of = coverage_of(design, TESTED);
    if (!(of.boundaries >= 0.935 && of.boundaries <= 0.985))
        fail_msg("%.2f per cent of the boundaries are in their intervals", 100 * of.boundaries);
    if (!(of.exponent >= 0.935 && of.exponent <= 0.975) || !(of.factor >= 0.935 && of.factor <= 0.99))
        fail_msg("%.2f and %.2f per cent of the exponents and factors are in their intervals", 100 * of.exponent,
                 100 * of.factor);
}

static void intervals_hold_with_common_randomness(void **state) {
    (void)state;
    assert_holds(&(test_design){DESIGN(TRUTH_LOGISTIC, true, 13, 64)});
}

/* The same trainings taken as independent: it is the influences that make the intervals honest. */
static void cells_that_share_starts_are_not_independent(void **state) {
    (void)state;
    const test_design design = {DESIGN(TRUTH_LOGISTIC, true, 17, 128)};
    test_design wrong = design;
    test_sweep sweep;
    test_random random = {20260104};
    counts right = {0}, of = {0};
    sweep_create(&sweep, &design);
    wrong.common = false;
    for (int i = 0; i < 300; i++) {
        sweep_draw(&sweep, &design, &random);
        count_sweep(&right, &sweep, &design);
        count_sweep(&of, &sweep, &wrong);
    }
    sweep_free(&sweep);
    assert_true(of.held < 0.9 * of.boundaries && right.held > 0.93 * right.boundaries);
}

static void intervals_hold_with_independent_randomness(void **state) {
    (void)state;
    assert_holds(&(test_design){DESIGN(TRUTH_HIGH_TAIL, false, 13, 64)});
}

static void intervals_hold_where_half_of_the_starts_are_hopeless(void **state) {
    (void)state;
    assert_holds(&(test_design){DESIGN(TRUTH_LOW_TAIL, true, 13, 96), .hopeless = 0.5});
    assert_holds(&(test_design){DESIGN(TRUTH_LOW_TAIL, true, 13, 96), .hopeless = 0.5, .limit_starts = 384});
}

static void intervals_hold_with_replicates_by_need(void **state) {
    (void)state;
    assert_holds(&(test_design){DESIGN(TRUTH_LOGISTIC, true, 13, 256), .first = 64, .half_width = 0.06});
}

/* ---- the table */

static const test_design table[] = {
    {.name = "logistic", DESIGN(TRUTH_LOGISTIC, true, 17, 64)},
    {.name = "logistic", DESIGN(TRUTH_LOGISTIC, true, 17, 256)},
    {.name = "logistic", DESIGN(TRUTH_LOGISTIC, true, 17, 1000)},
    {.name = "logistic", DESIGN(TRUTH_LOGISTIC, false, 17, 64)},
    {.name = "logistic", DESIGN(TRUTH_LOGISTIC, false, 17, 1000)},
    {.name = "logistic", DESIGN(TRUTH_LOGISTIC, true, 8, 64)},
    {.name = "logistic", DESIGN(TRUTH_LOGISTIC, true, 8, 1000)},
    {.name = "logistic", DESIGN(TRUTH_LOGISTIC, true, 33, 256)},
    {.name = "low tail", DESIGN(TRUTH_LOW_TAIL, true, 17, 256)},
    {.name = "high tail", DESIGN(TRUTH_HIGH_TAIL, true, 17, 256)},
    {.name = "low tail, half hopeless, M = n", DESIGN(TRUTH_LOW_TAIL, true, 17, 256), .hopeless = 0.5},
    {.name = "the same, M = 4096", DESIGN(TRUTH_LOW_TAIL, true, 17, 256), .hopeless = 0.5, .limit_starts = 4096},
    {.name = "logistic, half hopeless, M = n", DESIGN(TRUTH_LOGISTIC, false, 17, 64), .hopeless = 0.5},
    {.name = "the same, M = 512", DESIGN(TRUTH_LOGISTIC, false, 17, 64), .hopeless = 0.5, .limit_starts = 512},
    {.name = "low tail, 2 of 1000 hopeless, M = 32768",
     DESIGN(TRUTH_LOW_TAIL, true, 17, 64),
     .hopeless = 0.002,
     .limit_starts = 32768},
    {.name = "low tail, half hopeless, M = 4096, 64 .. 1024 by need",
     DESIGN(TRUTH_LOW_TAIL, true, 17, 1024),
     .first = 64,
     .half_width = 0.04,
     .hopeless = 0.5,
     .limit_starts = 4096},
    {.name = "low tail, 64 .. 1024 by need", DESIGN(TRUTH_LOW_TAIL, true, 17, 1024), .first = 64, .half_width = 0.04},
    {.name = "normal", DESIGN(TRUTH_NORMAL, true, 17, 64)},
    {.name = "normal", DESIGN(TRUTH_NORMAL, true, 17, 1000)},
    {.name = "bent", DESIGN(TRUTH_BENT, true, 17, 64)},
    {.name = "bent", DESIGN(TRUTH_BENT, true, 17, 1000)},
    {.name = "bent", DESIGN(TRUTH_BENT, true, 8, 1000)},
    {.name = "Cauchy", DESIGN(TRUTH_CAUCHY, true, 17, 256)},
    {.name = "kinked", DESIGN(TRUTH_KINKED, true, 17, 64)},
    {.name = "kinked", DESIGN(TRUTH_KINKED, true, 17, 1000)},
    {.name = "kinked", DESIGN(TRUTH_KINKED, true, 33, 1000)},
};

static int print_table(int sweeps) {
    printf("| truth | randomness | cells | n | held | below | above | found | fits | length | alpha | C | widened |\n");
    printf("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const test_design *design = &table[i];
        const coverage of = coverage_of(design, sweeps);
        printf("| %s | %s | %zu | %zu | %.1f | %.1f | %.1f | %.1f | %.1f | %.3f | %.1f | %.1f | %.1f |\n", design->name,
               design->common ? "common" : "independent", design->cells, design->replicates, 100 * of.boundaries,
               100 * of.low, 100 * of.high, 100 * of.found, 100 * of.fits, of.length, 100 * of.exponent,
               100 * of.factor, 100 * of.widened);
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "table") == 0)
        return print_table(argc > 2 ? (int)strtol(argv[2], NULL, 10) : TESTED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_hold_with_common_randomness),
        cmocka_unit_test(cells_that_share_starts_are_not_independent),
        cmocka_unit_test(intervals_hold_with_independent_randomness),
        cmocka_unit_test(intervals_hold_where_half_of_the_starts_are_hopeless),
        cmocka_unit_test(intervals_hold_with_replicates_by_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
