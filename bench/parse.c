#include "parse.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

double bench_parse_number(const struct argp_state *state, const char *option, const char *text, double low, double high,
                          bool whole) {
    char *end;
    errno = 0;
    const double value = strtod(text, &end);
    const bool good = !errno && end != text && !*end && value >= low && value <= high;
    if (!good || (whole && value != floor(value)))
        argp_error(state, "%s: found '%s', allowed are %snumbers from %g to %g", option, text, whole ? "whole " : "",
                   low, high);
    return value;
}
