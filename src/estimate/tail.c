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
