/* Where two configurations differ: their settings key by key, whatever way they were written in. */
#include "io/config/config.h"
#include "io/config/schema.h"
#include "io/text.h"
#include "model/grid.h"

#include "base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 40 /* bytes of a value */

typedef struct comparison {
    const ts_settings *a, *b;
    const char *in_a, *in_b;
    char *difference; /* [size] */
    size_t size;
} comparison;

static bool tell(const comparison *of, const char *key, const char *value_a, const char *value_b) {
    snprintf(of->difference, of->size, "%s: %s %s, %s %s", key, value_a, of->in_a, value_b, of->in_b);
    return true;
}

/* With as many digits as it takes to read the same number again. */
static void print_number(char text[SHOWN], double value) {
    for (int digits = 6; digits <= 17; digits++) {
        ts_text_number(text, SHOWN, value, digits);
        if (strtod(text, NULL) == value)
            break;
    }
}

/* The value of a key in its member, at `index` of it. */
static void print_value(char text[SHOWN], const ts_key *key, const void *member, size_t index) {
    switch (key->kind) {
    case TS_KEY_NUMBER:
        print_number(text, ((const double *)member)[index]);
        break;
    case TS_KEY_COUNT:
        snprintf(text, SHOWN, "%llu", (unsigned long long)((const uint64_t *)member)[index]);
        break;
    case TS_KEY_SWITCH:
        snprintf(text, SHOWN, "%s", ((const bool *)member)[index] ? "true" : "false");
        break;
    case TS_KEY_CHOICE:
        snprintf(text, SHOWN, "%s", key->words[((const int *)member)[index]]);
        break;
    default: /* a list, by its length */
        snprintf(text, SHOWN, "%zu entries", *(const size_t *)member);
    }
}

/* Two values that print alike are the same. */
static bool differs_in_member(const comparison *of, const ts_key *key, const char *path, size_t index) {
    char value_a[SHOWN], value_b[SHOWN];
    print_value(value_a, key, (const char *)of->a + key->offset, index);
    print_value(value_b, key, (const char *)of->b + key->offset, index);
    return strcmp(value_a, value_b) != 0 && tell(of, path, value_a, value_b);
}

static bool differs_in_key(const comparison *of, const ts_key *key);

/* The entries of a list of which both have as many, such as target.jumps[2].at. */
static bool differs_in_entries(const comparison *of, const ts_key *list) {
    const ts_key *entry = ts_key_entry(list);
    const size_t count = *(const size_t *)(const void *)((const char *)of->a + list->offset);
    for (size_t i = 0; i < count; i++)
        for (const ts_key *key = ts_key_next(entry, NULL); key; key = ts_key_next(entry, key)) {
            char path[sizeof((ts_error *)0)->key];
            snprintf(path, sizeof path, "%s[%zu].%s", list->path, i, ts_key_name(key));
            if (differs_in_member(of, key, path, i))
                return true;
        }
    return false;
}

static bool differs_below(const comparison *of, const ts_key *mapping) {
    for (const ts_key *key = ts_key_next(mapping, NULL); key; key = ts_key_next(mapping, key))
        if (differs_in_key(of, key))
            return true;
    return false;
}

/* Axes, which are lists of values and members of their own, are compared elsewhere. */
static bool differs_in_key(const comparison *of, const ts_key *key) {
    if (key->is_setting && differs_in_member(of, key, key->path, 0))
        return true;
    if (key->kind == TS_KEY_LIST)
        return key->is_setting && differs_in_entries(of, key);
    return differs_below(of, key);
}

/* Values [count_a] and [count_b] that a key stands for. */
static bool differs_in_values(const comparison *of, const char *key, const double *a, size_t count_a, const double *b,
                              size_t count_b) {
    char value_a[SHOWN], value_b[SHOWN], path[sizeof((ts_error *)0)->key];
    snprintf(value_a, sizeof value_a, "%zu value%s", count_a, count_a == 1 ? "" : "s");
    snprintf(value_b, sizeof value_b, "%zu value%s", count_b, count_b == 1 ? "" : "s");
    if (count_a != count_b)
        return tell(of, key, value_a, value_b);
    for (size_t i = 0; i < count_a; i++) {
        if (a[i] == b[i])
            continue;
        print_number(value_a, a[i]);
        print_number(value_b, b[i]);
        snprintf(path, sizeof path, "%s, value %zu", key, i);
        return tell(of, path, value_a, value_b);
    }
    return false;
}

static bool differs_in_observations(const comparison *of) {
    const char *clock_a = of->a->observe_count > 0 ? ts_words_clock[of->a->observe_clock] : "nothing";
    const char *clock_b = of->b->observe_count > 0 ? ts_words_clock[of->b->observe_clock] : "nothing";
    if (strcmp(clock_a, clock_b) != 0)
        return tell(of, "observe", clock_a, clock_b);
    char key[SHOWN];
    snprintf(key, sizeof key, "observe.%s", clock_a);
    return differs_in_values(of, key, of->a->observe, of->a->observe_count, of->b->observe, of->b->observe_count);
}

bool ts_settings_difference(const ts_settings *a, const char *in_a, const ts_settings *b, const char *in_b,
                            char *difference, size_t size) {
    const comparison of = {a, b, in_a, in_b, difference, size};
    bool differs = differs_below(&of, ts_key_root);
    for (int p = 0; !differs && p < TS_PARAMETER_COUNT; p++)
        differs = differs_in_values(&of, ts_parameters[p].axis_key, a->axis[p].values, a->axis[p].count,
                                    b->axis[p].values, b->axis[p].count);
    return differs || differs_in_observations(&of);
}

static bool is_unreadable(ts_config *config, const char *where, const char *text, char *difference, size_t size) {
    ts_error error = {0};
    if (ts_config_load_text(config, where, text, strlen(text), NULL, 0, &error) == TS_OK)
        return false;
    snprintf(difference, size, "%s", error.message);
    return true;
}

bool ts_config_difference(const char *text_a, const char *text_b, char *difference, size_t size) {
    ts_config a = {0}, b = {0};
    const bool differs = is_unreadable(&a, "the configuration there", text_a, difference, size) ||
                         is_unreadable(&b, "the configuration here", text_b, difference, size) ||
                         ts_settings_difference(&a.settings, "there", &b.settings, "here", difference, size);
    ts_config_free(&a);
    ts_config_free(&b);
    return differs;
}
