#include "io/config/schema.h"

#include "base/words.h"

#include <stdio.h>
#include <string.h>
#include <timescape.h>

#define MAX_TITLE 200 /* bytes */

#define MAPPING .kind = TS_KEY_MAPPING
#define LIST(from, to) .least = (from), .most = (to), .kind = TS_KEY_LIST
#define NUMBER .kind = TS_KEY_NUMBER
#define COUNT .kind = TS_KEY_COUNT
#define SWITCH .kind = TS_KEY_SWITCH
#define CHOICE(of) .words = (of), .kind = TS_KEY_CHOICE
#define TEXT(bytes) .most = (bytes), .kind = TS_KEY_TEXT

#define NEEDED .is_needed = true
#define OPTIONAL .is_needed = false
#define INTO(member) .is_setting = true, .offset = offsetof(ts_settings, member)

/* Exactly one of values, log and linear is given, which axes.c asks for and reads. */
#define AXIS(path, needed, most)                                                                                       \
    {path, MAPPING, needed}, {path ".values", LIST(1, most), OPTIONAL}, {path ".values[]", NUMBER, NEEDED},            \
        RANGE(path ".log"), RANGE(path ".linear")
#define RANGE(path)                                                                                                    \
    {path, MAPPING, OPTIONAL}, {path ".from", NUMBER, NEEDED}, {path ".to", NUMBER, NEEDED}, {                         \
        path ".count", COUNT, NEEDED                                                                                   \
    }

/* Those of a mapping stand in the order in which messages name them. A key of one value that has rows below it, as
 * theory, may be a mapping of these in place of the value. What is left out keeps its default (sweep/settings.c, which
 * also knows the ranges). */
static const ts_key keys[] = {
    {"", MAPPING, NEEDED},
    {"title", TEXT(MAX_TITLE), OPTIONAL},
    {"seed", COUNT, NEEDED, INTO(seed)},
    {"dynamics", CHOICE(ts_words_dynamics), OPTIONAL, INTO(dynamics)},
    {"target", MAPPING, NEEDED},
    {"target.base", NUMBER, NEEDED, INTO(target_base)},
    {"target.jumps", LIST(0, TS_MAX_JUMPS), NEEDED, INTO(jump_count)},
    {"target.jumps[]", MAPPING, NEEDED},
    {"target.jumps[].at", NUMBER, NEEDED, INTO(jump_at)},
    {"target.jumps[].by", NUMBER, NEEDED, INTO(jump_by)},
    {"target.dimension", COUNT, OPTIONAL, INTO(dimension)},
    {"network", MAPPING, OPTIONAL},
    {"network.eta", NUMBER, OPTIONAL, INTO(eta)}, /* needed, or not allowed: fill.c */
    {"network.activation", CHOICE(ts_words_activation), OPTIONAL, INTO(activation)},
    {"network.init", CHOICE(ts_words_init), OPTIONAL, INTO(init)},
    {"network.start_weight", NUMBER, OPTIONAL, INTO(start_weight)},
    {"sgd", MAPPING, NEEDED},
    {"sgd.h", NUMBER, OPTIONAL, INTO(h)}, /* unless it has an axis, it is needed: fill.c */
    {"sgd.noise", NUMBER, OPTIONAL, INTO(noise)},
    {"sgd.derivative", CHOICE(ts_words_derivative), OPTIONAL, INTO(derivative)},
    {"sgd.horizon", MAPPING, NEEDED}, /* which of these go together: fill.c */
    {"sgd.horizon.steps", COUNT, OPTIONAL, INTO(steps)},
    {"sgd.horizon.slow_time", NUMBER, OPTIONAL, INTO(slow_time)},
    {"sgd.horizon.min_fast_time", NUMBER, OPTIONAL, INTO(min_fast_time)},
    {"sweep", MAPPING, NEEDED},
    AXIS("sweep.epsilon", NEEDED, TS_MAX_CELLS),
    AXIS("sweep.neurons", NEEDED, TS_MAX_CELLS),
    AXIS("sweep.h", OPTIONAL, TS_MAX_CELLS), /* in place of sgd.h, and so the next two: axes.c */
    AXIS("sweep.noise", OPTIONAL, TS_MAX_CELLS),
    AXIS("sweep.eta", OPTIONAL, TS_MAX_CELLS),
    {"sweep.replicates", COUNT, NEEDED, INTO(replicates)},
    {"sweep.replicates.at_least", COUNT, NEEDED, INTO(least_replicates)},
    {"sweep.replicates.at_most", COUNT, NEEDED, INTO(replicates)},
    {"sweep.replicates.half_width", NUMBER, NEEDED, INTO(half_width)}, /* above 0: fill.c */
    {"sweep.replicates.criterion", CHOICE(ts_words_criterion), OPTIONAL, INTO(criterion)},
    {"sweep.randomness", CHOICE(ts_words_randomness), OPTIONAL, INTO(randomness)},
    {"observe", MAPPING, OPTIONAL}, /* exactly one of the three: axes.c */
    AXIS("observe.slow_time", OPTIONAL, TS_MAX_OBSERVATIONS),
    AXIS("observe.fast_time", OPTIONAL, TS_MAX_OBSERVATIONS),
    AXIS("observe.steps", OPTIONAL, TS_MAX_OBSERVATIONS),
    {"success", MAPPING, OPTIONAL},
    {"success.unexplained_variance", NUMBER, OPTIONAL, INTO(unexplained_variance)},
    {"success.stop", CHOICE(ts_words_stop), OPTIONAL, INTO(stop)}, /* first_success: only with observe */
    {"theory", SWITCH, OPTIONAL, INTO(theory)},
    {"theory.starts", COUNT, NEEDED, INTO(limit_starts)}, /* above 0: fill.c */
    {"output", MAPPING, OPTIONAL},
    {"output.keep_trainings", SWITCH, OPTIONAL, INTO(keep_trainings)},
    {"output.keep_states", SWITCH, OPTIONAL, INTO(keep_states)},
};

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "dimension is a count");

#define KEY_COUNT (sizeof keys / sizeof keys[0])

const ts_key *const ts_key_root = keys;

/* What the path of `key` has behind that of `above`, without the point between; NULL: it does not lead through it. */
static const char *part_below(const ts_key *above, const ts_key *key) {
    const size_t length = strlen(above->path);
    if (key == above || strncmp(above->path, key->path, length) != 0)
        return NULL;
    const char *rest = key->path + length;
    return length == 0 || *rest == '[' ? rest : *rest == '.' ? rest + 1 : NULL;
}

const ts_key *ts_key_next(const ts_key *mapping, const ts_key *before) {
    for (const ts_key *key = before ? before + 1 : keys; key < keys + KEY_COUNT; key++) {
        const char *part = part_below(mapping, key);
        if (part && !strpbrk(part, ".["))
            return key;
    }
    return NULL;
}

const ts_key *ts_key_find(const ts_key *mapping, const char *name, size_t length) {
    const ts_key *key = ts_key_next(mapping, NULL);
    while (key && !(strlen(ts_key_name(key)) == length && memcmp(ts_key_name(key), name, length) == 0))
        key = ts_key_next(mapping, key);
    return key;
}

const ts_key *ts_key_entry(const ts_key *list) {
    const ts_key *key = keys;
    for (const char *part = NULL; !part || strcmp(part, "[]") != 0; part = part_below(list, key))
        key++;
    return key;
}

const char *ts_key_name(const ts_key *key) {
    const char *point = strrchr(key->path, '.');
    return point ? point + 1 : key->path;
}

static void append(char *to, size_t size, const char *separator, const char *text) {
    const size_t length = strlen(to);
    snprintf(to + length, size - length, "%s%s", length > 0 ? separator : "", text);
}

bool ts_key_may_be_mapping(const ts_key *key) {
    return ts_key_next(key, NULL);
}

/* "a, b, c" */
static void print_names(char *to, size_t size, const ts_key *mapping) {
    to[0] = '\0';
    for (const ts_key *key = ts_key_next(mapping, NULL); key; key = ts_key_next(mapping, key))
        append(to, size, ", ", ts_key_name(key));
}

/* "a mapping with the keys a, b, c" */
static void print_mapping(char *to, size_t size, const ts_key *mapping) {
    char names[200];
    print_names(names, sizeof names, mapping);
    snprintf(to, size, "a mapping with the key%s %s", strchr(names, ',') ? "s" : "", names);
}

static void print_scalar(char *to, size_t size, const ts_key *key) {
    switch (key->kind) {
    case TS_KEY_NUMBER:
        snprintf(to, size, "a finite decimal number");
        break;
    case TS_KEY_COUNT:
        snprintf(to, size, "a whole number from 0 to 2^64 - 1");
        break;
    case TS_KEY_SWITCH:
        snprintf(to, size, "true or false");
        break;
    case TS_KEY_CHOICE:
        for (const char *const *word = key->words; *word; word++)
            append(to, size, " or ", *word);
        break;
    case TS_KEY_TEXT:
        snprintf(to, size, "one line of text of at most %u bytes", key->most);
        break;
    default: /* others are no scalars */
        break;
    }
}

void ts_key_print_allowed(char *to, size_t size, const ts_key *key) {
    char mapping[240] = "";
    to[0] = '\0';
    if (key->kind == TS_KEY_LIST)
        snprintf(to, size, "a list of %u to %u entries", key->least, key->most);
    else
        print_scalar(to, size, key);
    if (ts_key_may_be_mapping(key))
        print_mapping(mapping, sizeof mapping, key);
    append(to, size, mapping[0] == '\0' ? "" : ", or ", mapping);
}

void ts_key_print_keys(char *to, size_t size, const ts_key *key) {
    if (ts_key_may_be_mapping(key))
        print_names(to, size, key);
    else
        snprintf(to, size, "%s", key->kind == TS_KEY_LIST ? "an index such as [0]" : "none, it holds a single value");
}
