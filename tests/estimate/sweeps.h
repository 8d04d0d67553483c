/* Synthetic sweeps whose boundaries and law are known. A training of replicate r with m neurons succeeds in a cell
 * where log epsilon is below its threshold, log epsilon_c(m) + T^-1(u), with u uniform and T the shape of the truth; u
 * goes together across m where randomness is common, and partly across cells. */
#ifndef TS_TESTS_SWEEPS_H
#define TS_TESTS_SWEEPS_H

#include "estimate/law.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum test_truth {
    TRUTH_LOGISTIC,
    TRUTH_LOW_TAIL,
    TRUTH_HIGH_TAIL,
    TRUTH_NORMAL, /* near the logistic one, with thinner tails */
    TRUTH_CAUCHY, /* far from all: heavy tails on both sides */
    TRUTH_BENT,   /* two slopes, high rates fall three times as slowly, smoothly joined above the middle */
    TRUTH_KINKED  /* two slopes with a sharp kink in the middle */
} test_truth;

typedef struct test_design {
    const char *name;
    test_truth truth;
    bool common;
    size_t curves, cells;
    double decades;      /* that the epsilons span, up to 1 */
    size_t replicates;   /* the most */
    size_t first;        /* adaptive: the least; 0: all have the most */
    double half_width;   /* adaptive: of the Wilson interval at which a cell is enough */
    double steepness;    /* of the truth */
    double hopeless;     /* share of the starts whose limit does not succeed; 0: no limits */
    double limit_starts; /* 0: those of the trainings */
    double level;
} test_design;

typedef struct test_sweep {
    ts_trials *trials; /* [curves] */
    double *x, *truth; /* [curves] neurons, log of the true boundary */
    size_t *curve;     /* [curves] 0, 1, ... */
    double *memory_double;
    int8_t *memory_int;
} test_sweep;

static inline double normal_tail(double z) {
    return 0.5 * erfc(z / sqrt(2));
}

static inline double normal_variate(test_random *random) {
    const double u = random_between(random, 0x1p-54, 1), v = random_between(random, 0, 1);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* -z with normal_tail(-z) = 1 - u, by Newton's method from the logistic distribution. */
static inline double normal_quantile(double u) {
    double z = (log1p(-u) - log(u)) / 1.7;
    for (int step = 0; step < 4; step++)
        z += (normal_tail(z) - u) / (exp(-z * z / 2) / sqrt(6.283185307179586));
    return z;
}

/* Threshold with a share u of them above it, in units of 1 / steepness. */
static inline double truth_threshold(test_truth truth, double u) {
    u = fmax(1e-15, fmin(u, 1 - 1e-15));
    const double logit = log1p(-u) - log(u);
    switch (truth) {
    case TRUTH_LOGISTIC:
        return logit;
    case TRUTH_LOW_TAIL: /* rate u = exp(-e^-z), z = -threshold */
        return log(-log(u));
    case TRUTH_HIGH_TAIL:
        return -log(-log1p(-u));
    case TRUTH_NORMAL:
        return 1.7 * normal_quantile(u);
    case TRUTH_CAUCHY:
        return tan(3.141592653589793 * (0.5 - u));
    case TRUTH_BENT:
        return 2 * (logit + 1.5) / 3 - sqrt((logit + 1.5) * (logit + 1.5) + 1) / 3;
    case TRUTH_KINKED:
        return logit > 0 ? logit / 3 : logit;
    }
    return 0;
}

static inline double law_truth(double x) { /* log of the boundary at level 1/2 of the logistic truth */
    return log(1e-3) + 1.1 * log(x);
}

static inline size_t replicates_of_cell(const test_design *design, const int8_t *success) {
    if (design->first == 0)
        return design->replicates;
    size_t n = design->first, r = 0;
    double count = 0;
    for (;; n *= 2) {
        for (; r < n; r++)
            count += success[r];
        const double p = count / (double)n, z = 1.96;
        const double half =
            z / (1 + z * z / (double)n) * sqrt(p * (1 - p) / (double)n + z * z / (4 * (double)n * (double)n));
        if (half <= design->half_width || 2 * n > design->replicates)
            return n;
    }
}

static inline void sweep_create(test_sweep *sweep, const test_design *design) {
    const size_t curves = design->curves, cells = design->cells, n = design->replicates;
    sweep->trials = calloc(curves, sizeof *sweep->trials);
    sweep->memory_double = calloc(curves * (2 + 2 * cells), sizeof(double));
    sweep->memory_int = calloc(curves * cells * n * 2, 1);
    sweep->curve = calloc(curves, sizeof(size_t));
    sweep->x = sweep->memory_double;
    sweep->truth = sweep->x + curves;
    for (size_t c = 0; c < curves; c++) {
        double *epsilon = sweep->memory_double + 2 * curves + 2 * c * cells;
        for (size_t i = 0; i < cells; i++)
            epsilon[i] = pow(10, design->decades * ((double)i / (double)(cells - 1) - 1));
        sweep->curve[c] = c;
        sweep->trials[c] =
            (ts_trials){.cells = cells,
                        .replicates = n,
                        .epsilon = epsilon,
                        .success = sweep->memory_int + 2 * c * cells * n,
                        .limit_success = design->hopeless > 0 ? sweep->memory_int + (2 * c + 1) * cells * n : NULL,
                        .limit_rate = design->hopeless > 0 ? epsilon + cells : NULL,
                        .limit_has_ours = true};
        sweep->x[c] = 4 * pow(2, (double)c * 4 / (double)(curves > 1 ? curves - 1 : 1));
        sweep->truth[c] = law_truth(sweep->x[c]) + truth_threshold(design->truth, design->level) / design->steepness;
    }
}

static inline void sweep_free(test_sweep *sweep) {
    free(sweep->trials);
    free(sweep->memory_double);
    free(sweep->memory_int);
    free(sweep->curve);
}

/* Fill a sweep with trainings. */
static inline void sweep_draw(test_sweep *sweep, const test_design *design, test_random *random) {
    const size_t n = design->replicates, cells = design->cells;
    const double extra = design->limit_starts > (double)n ? design->limit_starts - (double)n : 0;
    double *shared = malloc((n + 1) * sizeof(double)), *shared_start = malloc((n + (size_t)extra + 1) * sizeof(double));
    double *own = malloc((n + 1) * sizeof(double));
    for (size_t r = 0; r < n; r++)
        shared[r] = normal_variate(random);
    for (size_t r = 0; r < n + (size_t)extra; r++)
        shared_start[r] = normal_variate(random);
    for (size_t c = 0; c < design->curves; c++) {
        ts_trials *trials = &sweep->trials[c];
        int8_t *success = (int8_t *)(uintptr_t)trials->success, *limit = (int8_t *)(uintptr_t)trials->limit_success;
        double *rate = (double *)(uintptr_t)trials->limit_rate;
        const double hopeless = design->hopeless * pow(0.5, (double)c); /* more neurons have more hope */
        for (size_t r = 0; r < n; r++)
            own[r] = normal_variate(random);
        double starts = 0;
        const double common_part = design->common ? 0.8 : 0;
        for (size_t i = 0; i < cells; i++) {
            size_t limit_successes = 0;
            for (size_t r = 0; r < n; r++) {
                /* correlated 0.8 across m, of which the cells of a curve have nearly all in common */
                const double noise = design->common
                                         ? 0.95 * (sqrt(common_part) * shared[r] + sqrt(1 - common_part) * own[r]) +
                                               sqrt(1 - 0.95 * 0.95) * normal_variate(random)
                                         : normal_variate(random);
                const double threshold =
                    law_truth(sweep->x[c]) + truth_threshold(design->truth, normal_tail(noise)) / design->steepness;
                bool hope = true;
                if (design->hopeless > 0) {
                    const double start = design->common ? shared_start[r] : normal_variate(random);
                    hope = normal_tail(start) > hopeless;
                    limit[i * n + r] = hope;
                    limit_successes += hope;
                }
                const bool falls = log(trials->epsilon[i]) < threshold;
                success[i * n + r] = falls && hope;
            }
            if (design->hopeless > 0) {
                for (size_t r = 0; r < (size_t)extra; r++)
                    limit_successes +=
                        normal_tail(design->common ? shared_start[n + r] : normal_variate(random)) > hopeless;
                starts = (double)n + extra;
                rate[i] = (double)limit_successes / starts;
            }
            const size_t enough = replicates_of_cell(design, success + i * n);
            for (size_t r = enough; r < n; r++) {
                success[i * n + r] = -1;
                if (limit)
                    limit[i * n + r] = -1;
            }
        }
        trials->limit_starts = starts;
    }
    free(shared);
    free(shared_start);
    free(own);
}

#endif
