#include "io/picture/contour.h"

#include <math.h>

#define INSET 0.005 /* share of the axis */

typedef struct point {
    double x, y, value;
} point;

/* Point `k` of an axis with its two outer edges added: 0 is the low edge, count + 1 the high one. They are drawn in a
 * little, so that the round end of a thick line does not cross the frame. */
static double position(const ts_axis *axis, size_t k) {
    double inset = INSET * (axis->edge[axis->count] - axis->edge[0]);
    if (k == 0)
        return fmin(axis->edge[0] + inset, axis->centre[0]);
    if (k > axis->count)
        return fmax(axis->edge[axis->count] - inset, axis->centre[axis->count - 1]);
    return axis->centre[k - 1];
}

static size_t nearest_cell(const ts_axis *axis, size_t k) {
    if (k == 0)
        return 0;
    return k > axis->count ? axis->count - 1 : k - 1;
}

static point corner(const ts_axis *x, const ts_axis *y, const double *values, size_t i, size_t j) {
    return (point){position(x, i), position(y, j), values[nearest_cell(x, i) * y->count + nearest_cell(y, j)]};
}

/* Where the level is crossed between two corners on different sides of it. */
static point crossing(point a, point b, double level) {
    double t = (level - a.value) / (b.value - a.value);
    return (point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y), level};
}

static size_t print_segment(FILE *stream, point a, point b) {
    if (stream)
        fprintf(stream, "%.9g %.9g\n%.9g %.9g\n\n", a.x, a.y, b.x, b.y);
    return 1;
}

/* `corners` go round the square. A side is crossed where its two ends lie on different sides of the level. */
static size_t print_square(FILE *stream, const point corners[4], double level) {
    point found[4];
    size_t count = 0;
    double sum = 0;
    for (size_t k = 0; k < 4; k++) {
        point a = corners[k], b = corners[(k + 1) % 4];
        if (isnan(a.value))
            return 0;
        sum += a.value;
        if ((a.value >= level) != (b.value >= level) && !isnan(b.value))
            found[count++] = crossing(a, b, level);
    }
    if (count == 2)
        return print_segment(stream, found[0], found[1]);
    if (count < 4)
        return 0;
    /* A saddle: the mean says whether corner 0 is joined to corner 2. If so, corners 1 and 3 are cut off. */
    bool joined = (sum / 4 >= level) == (corners[0].value >= level);
    if (joined)
        return print_segment(stream, found[0], found[1]) + print_segment(stream, found[2], found[3]);
    return print_segment(stream, found[3], found[0]) + print_segment(stream, found[1], found[2]);
}

size_t ts_contour_print(FILE *stream, const ts_axis *x, const ts_axis *y, const double *values, double level) {
    size_t segments = 0;
    for (size_t i = 0; i <= x->count; i++)
        for (size_t j = 0; j <= y->count; j++) {
            point corners[4] = {corner(x, y, values, i, j), corner(x, y, values, i + 1, j),
                                corner(x, y, values, i + 1, j + 1), corner(x, y, values, i, j + 1)};
            segments += print_square(stream, corners, level);
        }
    return segments;
}
