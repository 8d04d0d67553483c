/* The limit once more, from the target alone and by position instead of by events: slow, rough, and independent of
 * src/theory. Positions u [m] are ascending. */
#ifndef TS_TESTS_THEORY_ORACLE_H
#define TS_TESTS_THEORY_ORACLE_H

#include "base/order.h"
#include "support.h"
#include "theory/limit.h"

static inline double oracle_target(const ts_settings *settings, double x) {
    double value = settings->target_base;
    for (size_t k = 0; k < settings->jump_count; k++)
        value += settings->jump_at[k] <= x ? settings->jump_by[k] : 0;
    return value;
}

/* Integral of (f* - c)^power from low to high, piece by piece. */
static inline double oracle_integral(const ts_settings *settings, double low, double high, double c, int power) {
    double sum = 0, from = low;
    while (from < high) {
        double to = high;
        for (size_t k = settings->jump_count; k-- > 0;)
            if (settings->jump_at[k] > from && settings->jump_at[k] < high)
                to = settings->jump_at[k];
        sum += (to - from) * pow(oracle_target(settings, from) - c, power);
        from = to;
    }
    return sum;
}

static inline double oracle_average(const ts_settings *settings, double low, double high) {
    if (!(high > low))
        return oracle_target(settings, low);
    return oracle_integral(settings, low, high, 0, 1) / (high - low);
}

/* L(u) of MODEL.md section 4. */
static inline double oracle_loss(const ts_settings *settings, const double *u, uint32_t m) {
    double loss = 0;
    for (uint32_t j = 0; j <= m; j++) {
        const double low = j == 0 ? 0 : u[j - 1], high = j == m ? 1 : u[j];
        loss += oracle_integral(settings, low, high, oracle_average(settings, low, high), 2);
    }
    return loss;
}

/* Small steps along du_j/dtau = (f*(u_j) - c_j)^2 - (f*(u_j) - c_(j-1))^2. On a jump that holds its neuron they
 * tremble. */
static inline void oracle_advance(const ts_settings *settings, double *u, uint32_t m, double slow_time, double step) {
    double velocity[64];
    for (double time = 0; time < slow_time; time += step) {
        for (uint32_t j = 0; j < m; j++) {
            const double left = oracle_average(settings, j == 0 ? 0 : u[j - 1], u[j]);
            const double right = oracle_average(settings, u[j], j == m - 1 ? 1 : u[j + 1]);
            const double value = oracle_target(settings, u[j]);
            velocity[j] = (value - right) * (value - right) - (value - left) * (value - left);
        }
        for (uint32_t j = 0; j < m; j++)
            u[j] = fmin(fmax(u[j] + step * velocity[j], j == 0 ? 0 : u[j - 1]), 1);
    }
}

/* ---- settings and starts to try */

static inline ts_settings random_target(test_random *random, size_t most_jumps) {
    ts_settings settings = ts_settings_default();
    settings.jump_count = random_word(random) % (most_jumps + 1);
    settings.target_base = random_between(random, -2, 2);
    for (size_t k = 0; k < settings.jump_count;
         k++) { /* one in each of so many equal parts, not too near to the next */
        settings.jump_at[k] = ((double)k + random_between(random, 0.1, 0.9)) / (double)settings.jump_count;
        const double size = random_between(random, 0.2, 3);
        settings.jump_by[k] = random_word(random) % 2 ? size : -size;
    }
    return settings;
}

static inline void random_start(test_random *random, double *u, uint32_t m) {
    for (uint32_t j = 0; j < m; j++)
        u[j] = random_between(random, 0, 1);
    qsort(u, m, sizeof *u, ts_compare_doubles);
}

/* At least two neurons in every piece: the start condition of the paper. */
static inline bool is_covered(const ts_settings *settings, const double *u, uint32_t m) {
    for (size_t k = 0; k <= settings->jump_count; k++) {
        const double low = k == 0 ? 0 : settings->jump_at[k - 1];
        const double high = k == settings->jump_count ? 2 : settings->jump_at[k];
        int count = 0;
        for (uint32_t j = 0; j < m; j++)
            count += u[j] >= low && u[j] < high;
        if (count < 2)
            return false;
    }
    return true;
}

static inline ts_limit *begin_limit(const ts_settings *settings, const double *u, uint32_t m) {
    ts_limit *limit;
    ts_error error = {0};
    if (ts_limit_create(&limit, settings, u, m, &error) != TS_OK)
        fail_msg("%s", error.message);
    return limit;
}

static inline void advance_limit(ts_limit *limit, double slow_time) {
    ts_error error = {0};
    if (ts_limit_advance(limit, slow_time, &error) != TS_OK)
        fail_msg("%s", error.message);
}

#endif
