#include "io/picture/ticks.h"

#include "io/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FONT 11.0             /* points */
#define SUPERSCRIPT 0.8       /* of its size */
#define LABELS_APART 6.0      /* points between two labels side by side */
#define LARGEST_POWER 400     /* of ten: beyond those of float64 */
#define SHORTEST 1e-9         /* axis, relative to its ends, and decades of a logarithmic one */
#define MOST_DIGITS 17        /* tell any two numbers apart */
#define NARROW_LOGARITHM 0.01 /* decades; round numbers within have more digits than most values */

/* An axis that is none, or so short that its places are hardly different numbers, has no ticks. */
static bool begin(ts_ticks *ticks, double low, double high) {
    ticks->count = 0;
    return isnormal(high - low) && high - low > SHORTEST * fmax(fabs(low), fabs(high));
}

/* The next tick, or NULL where there are many already. */
static ts_tick *add(ts_ticks *ticks, double at) {
    if (ticks->count == TS_MOST_TICKS)
        return NULL;
    ts_tick *tick = &ticks->item[ticks->count++];
    *tick = (ts_tick){.at = at, .is_small = true};
    return tick;
}

static void add_small(ts_ticks *ticks, double at) {
    (void)add(ticks, at);
}

static void add_number(ts_ticks *ticks, double at, const char *number) {
    ts_tick *tick = add(ticks, at);
    if (!tick)
        return;
    tick->is_small = false;
    snprintf(tick->label, sizeof tick->label, "%s", number);
    tick->width = FONT * ts_text_width(number, strlen(number), ts_text_ems);
}

static void add_power_of_ten(ts_ticks *ticks, int power) {
    char number[16];
    snprintf(number, sizeof number, "%s%d", power < 0 ? "−" : "", abs(power));
    ts_tick *tick = add(ticks, power);
    if (!tick)
        return;
    tick->is_small = false;
    snprintf(tick->label, sizeof tick->label, "10^{%s}", number);
    tick->width =
        FONT * (ts_text_width("10", 2, ts_text_ems) + SUPERSCRIPT * ts_text_width(number, strlen(number), ts_text_ems));
}

/* Do two labels overlap, side by side on an axis from `low` to `high`, or one leave its room? */
static bool is_crowded(const ts_ticks *ticks, double low, double high, ts_tick_room room) {
    if (!(room.length > 0))
        return false;
    double scale = room.length / (high - low), end = -HUGE_VAL;
    for (size_t k = 0; k < ticks->count; k++) {
        const ts_tick *tick = &ticks->item[k];
        if (tick->is_small)
            continue;
        double middle = (tick->at - low) * scale;
        if (middle - tick->width / 2 < end + LABELS_APART)
            return true;
        end = middle + tick->width / 2;
    }
    return false;
}

/* A label that would leave its room is left out. */
static void leave_out_outer_labels(ts_ticks *ticks, double low, double high, ts_tick_room room) {
    for (size_t k = 0; room.length > 0 && k < ticks->count; k++) {
        ts_tick *tick = &ticks->item[k];
        double middle = (tick->at - low) / (high - low) * room.length;
        if (middle - tick->width / 2 < -room.before || middle + tick->width / 2 > room.length + room.behind)
            tick->is_small = true;
    }
}

/* Ticks of the axis `what` with labels at least `gap` apart. */
typedef void tick_maker(ts_ticks *ticks, const void *what, double low, double high, double gap);

/* Labels are thinned out until they do not touch. */
static void make(ts_ticks *ticks, tick_maker *maker, const void *what, double low, double high, ts_tick_room room) {
    if (!begin(ticks, low, high))
        return;
    maker(ticks, what, low, high, room.gap);
    for (double gap = room.gap; gap < 2 && is_crowded(ticks, low, high, room);) {
        gap *= 1.2;
        ticks->count = 0;
        maker(ticks, what, low, high, gap);
    }
    leave_out_outer_labels(ticks, low, high, room);
}

/* ---- at values */

/* The least number of digits from 6 on with which neighbours have different labels. */
static int distinct_digits(const ts_axis *axis) {
    int digits = 6;
    char before[32], label[32];
    for (size_t k = 1; k < axis->count && digits < MOST_DIGITS;) {
        ts_text_number(before, sizeof before, axis->value[k - 1], digits);
        ts_text_number(label, sizeof label, axis->value[k], digits);
        if (strcmp(before, label) != 0)
            k++;
        else
            digits++;
    }
    return digits;
}

/* 0.3 besides 0.30000000000000004: no more digits than tell which value it is. */
static void print_value(char *label, size_t size, double value, int most_digits) {
    int digits = 6;
    do
        ts_text_number(label, size, value, digits);
    while (strtod(label, NULL) != value && ++digits <= most_digits);
}

static void make_values(ts_ticks *ticks, const void *what, double low, double high, double gap) {
    const ts_axis *axis = what;
    double last = axis->centre[axis->count - 1], shown = -INFINITY;
    int digits = distinct_digits(axis);
    gap *= high - low;
    for (size_t k = 0; k < axis->count; k++) {
        double at = axis->centre[k];
        bool fits = at - shown >= gap && (k + 1 == axis->count || last - at >= gap);
        if (k > 0 && !fits)
            continue;
        char label[32];
        print_value(label, sizeof label, axis->value[k], digits);
        add_number(ticks, at, label);
        shown = at;
    }
}

void ts_ticks_values(ts_ticks *ticks, const ts_axis *axis, ts_tick_room room) {
    make(ticks, make_values, axis, ts_axis_low(axis), ts_axis_high(axis), room);
}

/* ---- logarithmic */

/* Labels at 10^k for whole k, thinned to `gap`, and small ticks at their multiples. */
static void make_decades(ts_ticks *ticks, double low, double high, double gap) {
    int first = (int)ceil(low - 1e-9), last = (int)floor(high + 1e-9);
    int stride = (int)ceil(gap * (high - low));
    stride = stride < 1 ? 1 : stride;
    for (int decade = first - 1; decade <= last; decade++)
        for (int digit = 1; digit <= 9; digit++) {
            double at = decade + log10(digit);
            if (at < low - 1e-9 || at > high + 1e-9)
                continue;
            if (digit == 1 && (decade - first) % stride == 0)
                add_power_of_ten(ticks, decade);
            else if (stride == 1 && last - first < 7)
                add_small(ticks, at);
        }
}

/* Digits with which multiples of `step` up to `value` differ. */
static int digits_of_steps(double value, double step) {
    double digits = floor(log10(fabs(value))) - floor(log10(step)) + 2;
    return (int)fmin(fmax(digits, 6), MOST_DIGITS - 2);
}

/* Labels at the multiples of a round step, coarse enough for `gap` where the logarithm squeezes them most. */
static void make_steps(ts_ticks *ticks, double low, double high, double gap) {
    double from = pow(10, low), to = pow(10, high);
    double step = pow(10, floor(log10(to - from)) - 2);
    static const double growth[] = {2, 2.5, 2}; /* 1, 2, 5, 10 */
    for (int k = 0; k < 9; k++) {
        double squeezed = log10(to / (to - step)) / (high - low);
        if (step < to && squeezed >= gap)
            break;
        if (step * growth[k % 3] >= (to - from))
            break;
        step *= growth[k % 3];
    }
    if (!isnormal(step))
        return;
    double first = fmax(ceil(from / step - 1e-9), 1);
    for (size_t k = 0; k < TS_MOST_TICKS && (first + (double)k) * step <= to + 1e-9 * step; k++) {
        char label[32];
        double value = (first + (double)k) * step;
        ts_text_number(label, sizeof label, value, digits_of_steps(to, step));
        add_number(ticks, log10(value), label);
    }
}

static void make_logarithmic(ts_ticks *ticks, const void *what, double low, double high, double gap) {
    (void)what;
    if (!(low >= -LARGEST_POWER && high <= LARGEST_POWER && high - low > SHORTEST))
        return;
    if (floor(high + 1e-9) - ceil(low - 1e-9) >= 1)
        make_decades(ticks, low, high, gap);
    else
        make_steps(ticks, low, high, gap);
}

void ts_ticks_logarithmic(ts_ticks *ticks, double low, double high, ts_tick_room room) {
    make(ticks, make_logarithmic, NULL, low, high, room);
}

void ts_ticks_ratio(ts_ticks *ticks, const ts_axis *axis, ts_tick_room room) {
    double low = ts_axis_low(axis), high = ts_axis_high(axis);
    if (axis->count > 1 && axis->scale == TS_AXIS_LOGARITHMIC && high - low >= NARROW_LOGARITHM)
        ts_ticks_logarithmic(ticks, low, high, room);
    else
        ts_ticks_values(ticks, axis, room);
}

/* ---- linear */

/* 0.005 or 250, but 5e5 instead of 500000: large numbers get as few digits as they have. Multiples of `step` differ. */
static void print_round_number(char *label, size_t size, double value, double step) {
    int digits = fabs(value) < 1e5 ? 6 : 1;
    double near = fmin(1e-6 * fabs(value), 0.01 * step);
    do
        ts_text_number(label, size, value, digits);
    while (fabs(strtod(label, NULL) - value) > near && ++digits <= MOST_DIGITS - 2);
}

static void make_linear(ts_ticks *ticks, const void *what, double low, double high, double gap) {
    (void)what;
    static const double growth[] = {2, 2.5, 2}; /* 1, 2, 5, 10 */
    double step = pow(10, floor(log10(gap * (high - low))));
    for (int k = 0; k < 3 && step < gap * (high - low); k++)
        step *= growth[k];
    if (!isnormal(step))
        return;
    double first = ceil(low / step - 1e-9) + 0.0;
    for (size_t k = 0; k < TS_MOST_TICKS && (first + (double)k) * step <= high + 1e-9 * step; k++) {
        char label[32];
        double value = (first + (double)k) * step;
        print_round_number(label, sizeof label, value, step);
        add_number(ticks, value, label);
    }
}

void ts_ticks_linear(ts_ticks *ticks, double low, double high, ts_tick_room room) {
    make(ticks, make_linear, NULL, low, high, room);
}

/* ---- what becomes of them */

double ts_ticks_width(const ts_ticks *ticks) {
    double width = 0;
    for (size_t k = 0; k < ticks->count; k++)
        if (!ticks->item[k].is_small)
            width = fmax(width, ticks->item[k].width);
    return width;
}

void ts_ticks_print(FILE *script, const char *name, const ts_ticks *ticks) {
    fprintf(script, ticks->count > 0 ? "set %stics (" : "unset %stics\n", name);
    for (size_t k = 0; k < ticks->count; k++) {
        const ts_tick *tick = &ticks->item[k];
        fprintf(script, tick->is_small ? "%s'%s' %.17g 1" : "%s'%s' %.17g", k > 0 ? ", " : "",
                tick->is_small ? "" : tick->label, tick->at);
    }
    fputs(ticks->count > 0 ? ")\n" : "", script);
}
