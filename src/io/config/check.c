#include "io/config/check.h"

#include "base/words.h"
#include "io/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct walk {
    ts_document *document;
    ts_error *error;
    bool complete;
    char path[sizeof((ts_error *)0)->key]; /* dotted path of the value that is looked at */
} walk;

static ts_status check_value(walk *at, const ts_key *key, int place, int number);

static void append(char *to, size_t size, const char *text) {
    size_t length = strlen(to);
    snprintf(to + length, size - length, "%s", text);
}

static void write_found(char *to, size_t size, const yaml_node_t *node) {
    if (node->type == YAML_SCALAR_NODE) {
        bool quoted = node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        char text[TS_SHOWN];
        ts_text_show(text, sizeof text, (const char *)node->data.scalar.value, node->data.scalar.length);
        snprintf(to, size, "%s%s%s", quoted ? "the text '" : text[0] == '\0' ? "nothing" : "", text, quoted ? "'" : "");
    } else if (node->type == YAML_SEQUENCE_NODE) {
        const yaml_node_item_t *items = node->data.sequence.items.start;
        size_t count = (size_t)(node->data.sequence.items.top - items);
        snprintf(to, size, "a list of %zu %s", count, count == 1 ? "entry" : "entries");
    } else {
        snprintf(to, size, "a mapping");
    }
}

static ts_status refuse_value(walk *at, const ts_key *key, int place, int number) {
    char found[TS_SHOWN + 20];
    char allowed[256];
    write_found(found, sizeof found, yaml_document_get_node(&at->document->yaml, number));
    ts_key_print_allowed(allowed, sizeof allowed, key);
    return ts_document_refuse(at->document, place, at->path, at->error, "found %s, allowed is %s", found, allowed);
}

ts_status ts_config_refuse_unknown(const ts_document *document, int place, const char *key, const ts_key *above,
                                   ts_error *error) {
    char keys[200];
    ts_key_print_keys(keys, sizeof keys, above);
    return ts_document_refuse(document, place, key, error, "unknown key; allowed here: %s", keys);
}

/* Digits with at most one point, and perhaps an exponent: what strtod() reads, without its hexadecimal numbers,
 * infinities and NaN. */
static bool has_decimal_form(const char *text) {
    const char *digits = "0123456789";
    const char *at = text + (*text == '+' || *text == '-');
    size_t whole = strspn(at, digits);
    at += whole;
    size_t fraction = *at == '.' ? strspn(at + 1, digits) : 0;
    at += *at == '.' ? 1 + fraction : 0;
    if (whole + fraction == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        size_t exponent = strspn(at, digits);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return *at == '\0';
}

/* Does a double hold the number to all of its digits? One that does not is too large, or too close to 0. */
static bool fits_double(const char *text) {
    errno = 0;
    return isfinite(strtod(text, NULL)) && errno != ERANGE;
}

static bool is_decimal(const char *text) {
    return has_decimal_form(text) && fits_double(text);
}

/* Is a decimal number, as it is written, a whole one? As a double, 1.00000000000000000001 would be. */
static bool is_whole_decimal(const char *text) {
    long fraction = 0, zeros = 0; /* digits behind the point; zeros at the end of all digits */
    bool behind = false, nothing = true;
    const char *at = text;
    for (; *at != '\0' && *at != 'e' && *at != 'E'; at++) {
        bool is_digit = *at >= '0' && *at <= '9';
        behind = behind || *at == '.';
        fraction += is_digit && behind;
        zeros = *at == '0' ? zeros + 1 : is_digit ? 0 : zeros;
        nothing = nothing && !(is_digit && *at != '0');
    }
    return nothing || fraction - zeros <= (*at == '\0' ? 0 : strtol(at + 1, NULL, 10));
}

/* Digits that fit into 64 bits and do not begin with a zero, which other readers take for octal numbers. */
static bool is_whole(const char *text) {
    const char *largest = "18446744073709551615";
    size_t length = strlen(text);
    if (length == 0 || strspn(text, "0123456789") != length || (text[0] == '0' && length > 1))
        return false;
    return length < strlen(largest) || (length == strlen(largest) && strcmp(text, largest) <= 0);
}

/* Rewrite 1e6 or 20.0 in digits alone. Other texts stay as they are. Returns false without memory. */
static bool write_out_whole(yaml_node_t *node) {
    const char *text = (const char *)node->data.scalar.value;
    double value = is_decimal(text) && is_whole_decimal(text) ? strtod(text, NULL) : -1;
    bool has_leading_zero = text[0] == '0' && text[1] >= '0' && text[1] <= '9';
    if (has_leading_zero || !(value >= 0 && value < 0x1p53))
        return true;
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%.0f", value);
    char *copy = strdup(digits);
    if (!copy)
        return false;
    free(node->data.scalar.value); /* libyaml allocates with malloc() and will free this one as its own */
    node->data.scalar.value = (yaml_char_t *)copy;
    node->data.scalar.length = (size_t)length;
    return true;
}

static bool is_one_line(const char *text, size_t length, uint32_t most) {
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return length <= most;
}

/* A number that would silently become 0, or lose digits. */
static bool is_too_small(const ts_key *key, const yaml_node_t *node) {
    const char *text = (const char *)node->data.scalar.value;
    return key->kind == TS_KEY_NUMBER && node->type == YAML_SCALAR_NODE &&
           node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strlen(text) == node->data.scalar.length &&
           has_decimal_form(text) && isfinite(strtod(text, NULL)) && !fits_double(text);
}

static ts_status refuse_scalar(walk *at, const ts_key *key, int place, int number) {
    const yaml_node_t *node = yaml_document_get_node(&at->document->yaml, number);
    char found[TS_SHOWN + 20];
    if (!is_too_small(key, node))
        return refuse_value(at, key, place, number);
    write_found(found, sizeof found, node);
    return ts_document_refuse(at->document, place, at->path, at->error,
                              "found %s, too close to 0; allowed is 0, or a number of at least 2.3e-308 in size",
                              found);
}

/* Is a text without quotes, in which there is no zero byte, a value of this key? */
static bool is_value(const ts_key *key, const char *text) {
    switch (key->kind) {
    case TS_KEY_NUMBER:
        return is_decimal(text);
    case TS_KEY_COUNT:
        return is_whole(text);
    case TS_KEY_SWITCH:
        return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    case TS_KEY_CHOICE:
        return ts_words_find(key->words, text) >= 0;
    default:
        return false;
    }
}

static ts_status check_scalar(walk *at, const ts_key *key, int place, int number) {
    yaml_node_t *node = yaml_document_get_node(&at->document->yaml, number);
    bool good = node->type == YAML_SCALAR_NODE;
    if (good && key->kind == TS_KEY_TEXT) {
        good = is_one_line((const char *)node->data.scalar.value, node->data.scalar.length, key->most);
    } else if (good) {
        /* What YAML puts in quotes is a text, not a number. An escape can smuggle in a zero byte. */
        const char *text = (const char *)node->data.scalar.value;
        good = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strlen(text) == node->data.scalar.length;
        if (good && key->kind == TS_KEY_COUNT && !is_whole(text) && !write_out_whole(node))
            return ts_yaml_no_memory(at->error);
        good = good && is_value(key, (const char *)node->data.scalar.value);
    }
    return good ? TS_OK : refuse_scalar(at, key, place, number);
}

/* Lengthen the path that messages name. Returns the length to which it is to be cut again. */
static size_t go_down(walk *at, const char *name) {
    size_t length = strlen(at->path);
    append(at->path, sizeof at->path, length == 0 ? "" : ".");
    append(at->path, sizeof at->path, name);
    return length;
}

static ts_status check_pair(walk *at, const ts_key *mapping, int number, const yaml_node_pair_t *pair) {
    const yaml_node_t *node = yaml_document_get_node(&at->document->yaml, pair->key);
    const bool is_text = node->type == YAML_SCALAR_NODE;
    const char *text = is_text ? (const char *)node->data.scalar.value : "(a list or mapping as key)";
    const size_t bytes = is_text ? node->data.scalar.length : strlen(text);
    const ts_key *key = is_text ? ts_key_find(mapping, text, bytes) : NULL;
    char name[TS_SHOWN];
    ts_text_show(name, sizeof name, text, bytes);
    const size_t length = go_down(at, name);
    if (!key)
        return ts_config_refuse_unknown(at->document, pair->key, at->path, mapping, at->error);
    if (ts_document_pair(at->document, number, text, bytes) != pair)
        return ts_document_refuse(at->document, pair->key, at->path, at->error, "found a second time, allowed is once");
    ts_status status = check_value(at, key, pair->key, pair->value);
    at->path[length] = '\0';
    return status;
}

static ts_status check_mapping(walk *at, const ts_key *mapping, int place, int number) {
    const yaml_node_t *node = yaml_document_get_node(&at->document->yaml, number);
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    ts_status status = TS_OK;
    for (; status == TS_OK && pair < node->data.mapping.pairs.top; pair++)
        status = check_pair(at, mapping, number, pair);
    const ts_key *key = at->complete && status == TS_OK ? ts_key_next(mapping, NULL) : NULL;
    for (; key; key = ts_key_next(mapping, key)) {
        const char *name = ts_key_name(key);
        if (key->is_needed && !ts_document_pair(at->document, number, name, strlen(name))) {
            char needed[256];
            ts_key_print_allowed(needed, sizeof needed, key);
            go_down(at, name);
            return ts_document_refuse(at->document, place, at->path, at->error, "missing; needed is %s", needed);
        }
    }
    return status;
}

static ts_status check_list(walk *at, const ts_key *list, int place, int number) {
    const yaml_node_t *node = yaml_document_get_node(&at->document->yaml, number);
    const yaml_node_item_t *items = node->data.sequence.items.start;
    const size_t count = (size_t)(node->data.sequence.items.top - items), length = strlen(at->path);
    const ts_key *entry = ts_key_entry(list);
    ts_status status = count < list->least || count > list->most ? refuse_value(at, list, place, number) : TS_OK;
    for (size_t i = 0; status == TS_OK && i < count; i++) {
        char index[32];
        snprintf(index, sizeof index, "[%zu]", i);
        append(at->path, sizeof at->path, index);
        status = check_value(at, entry, items[i], items[i]);
        at->path[length] = '\0';
    }
    return status;
}

static ts_status check_value(walk *at, const ts_key *key, int place, int number) {
    const yaml_node_type_t type = yaml_document_get_node(&at->document->yaml, number)->type;
    if (type == YAML_MAPPING_NODE && ts_key_may_be_mapping(key))
        return check_mapping(at, key, place, number);
    if (type == YAML_SEQUENCE_NODE && key->kind == TS_KEY_LIST)
        return check_list(at, key, place, number);
    if (key->kind == TS_KEY_MAPPING || key->kind == TS_KEY_LIST)
        return refuse_value(at, key, place, number);
    return check_scalar(at, key, place, number);
}

ts_status ts_config_check(ts_document *document, bool complete, ts_error *error) {
    walk at = {.document = document, .error = error, .complete = complete};
    return check_value(&at, ts_key_root, 1, 1);
}
