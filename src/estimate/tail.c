#include "estimate/tail.h"

#include <math.h>
#include <stdbool.h>

#define PI 3.14159265358979323846

/* With an even number of degrees of freedom the tail is a sum of Poisson probabilities, with an odd one the same sum
 * over halves behind erfc (Abramowitz and Stegun 26.4.4 and 26.4.5). */
double ts_chi_square_tail(double statistic, size_t freedom) {
    if (freedom == 0 || isnan(statistic))
        return NAN;
    if (statistic <= 0)
        return 1;
    const double half = statistic / 2;
    const bool odd = freedom % 2 == 1;
    double tail = odd ? erfc(sqrt(half)) : exp(-half);
    double exponent = odd ? 0.5 : 1;
    /* log of half^exponent e^-half / Gamma(exponent + 1), so that nothing leaves the range of doubles */
    double logarithm = exponent * log(half) - half - (odd ? log(sqrt(PI) / 2) : 0);
    for (; exponent < (double)freedom / 2 - 0.25; exponent++) {
        tail += exp(logarithm);
        logarithm += log(half) - log(exponent + 1);
    }
    return fmin(tail, 1);
}

/* Probability that Student's t is in (-t, t): sums of powers of a cosine (Abramowitz and Stegun 26.7.3 and 26.7.4). */
static double student_centre(double t, size_t freedom) {
    const double n = (double)freedom;
    const double angle = atan(t / sqrt(n));
    const double cosine = cos(angle), sine = sin(angle);
    const bool odd = freedom % 2 == 1;
    double term = odd ? cosine : 1, sum = 0;
    for (size_t k = odd ? 1 : 0; k + 2 <= freedom; k += 2) {
        sum += term;
        term *= cosine * cosine * ((double)k + 1) / ((double)k + 2);
    }
    return odd ? 2 / PI * (angle + sine * sum) : sine * sum;
}

double ts_student_quantile(size_t freedom) {
    if (freedom > 1000)
        return TS_NORMAL_QUANTILE;
    double low = 1, high = 13;
    for (int halving = 0; halving < 60; halving++) {
        const double middle = (low + high) / 2;
        if (student_centre(middle, freedom) < 0.95)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
