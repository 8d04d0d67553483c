#include "parse.h"
#include "timescape.h"

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

void bench_parse(const char *about, const struct argp_option *entries, argp_parser_t parse_option, int argc,
                 char **argv, void *input) {
    const struct argp argp = {.options = entries, .parser = parse_option, .doc = about};
    argp_err_exit_status = TS_INVALID;
    argp_parse(&argp, argc, argv, 0, NULL, input);
}
