/* The document against the schema. libcyaml checks the same schema again when it loads the text, but its messages name
 * no value, and it reads 010 as eight, `maybe` as true, and lets a key appear twice. */
#include "io/config/document.h"
#include "io/config/schema.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct walk {
    ts_document *document;
    ts_error *error;
    bool complete;
    char key[sizeof((ts_error *)0)->key]; /* dotted path of the value that is looked at */
} walk;

static ts_status check_value(walk *at, const cyaml_schema_value_t *schema, int place, int number);

static void append(char *to, size_t size, const char *text) {
    size_t length = strlen(to);
    snprintf(to + length, size - length, "%s", text);
}

/* "a, b, c" for the keys of a mapping, "a or b" for the names of an enumeration. */
static void write_names(char *to, size_t size, const cyaml_schema_value_t *schema) {
    to[0] = '\0';
    if (schema->type == CYAML_ENUM) {
        for (uint32_t i = 0; i < schema->enumeration.count; i++) {
            append(to, size, i == 0 ? "" : " or ");
            append(to, size, schema->enumeration.strings[i].str);
        }
        return;
    }
    for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key != NULL; field++) {
        append(to, size, field == schema->mapping.fields ? "" : ", ");
        append(to, size, field->key);
    }
}

static void write_allowed(char *to, size_t size, const cyaml_schema_value_t *schema) {
    char names[200];
    switch (schema->type) {
    case CYAML_FLOAT:
        snprintf(to, size, "a finite decimal number");
        break;
    case CYAML_UINT:
        snprintf(to, size, "a whole number from 0 to 2^64 - 1");
        break;
    case CYAML_BOOL:
        snprintf(to, size, "true or false");
        break;
    case CYAML_ENUM:
        write_names(to, size, schema);
        break;
    case CYAML_STRING:
        snprintf(to, size, "one line of text of at most %u bytes", schema->string.max);
        break;
    case CYAML_SEQUENCE:
        snprintf(to, size, "a list of %u to %u entries", schema->sequence.min, schema->sequence.max);
        break;
    default:
        write_names(names, sizeof names, schema);
        snprintf(to, size, "a mapping with the keys %s", names);
    }
}

static void write_found(char *to, size_t size, const yaml_node_t *node) {
    if (node->type == YAML_SCALAR_NODE) {
        bool quoted = node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        char text[TS_SHOWN];
        ts_document_show(text, sizeof text, (const char *)node->data.scalar.value, node->data.scalar.length);
        snprintf(to, size, "%s%s%s", quoted ? "the text '" : text[0] == '\0' ? "nothing" : "", text, quoted ? "'" : "");
    } else if (node->type == YAML_SEQUENCE_NODE) {
        const yaml_node_item_t *items = node->data.sequence.items.start;
        size_t count = (size_t)(node->data.sequence.items.top - items);
        snprintf(to, size, "a list of %zu %s", count, count == 1 ? "entry" : "entries");
    } else {
        snprintf(to, size, "a mapping");
    }
}

static ts_status refuse_value(walk *at, const cyaml_schema_value_t *schema, int place, int number) {
    char found[TS_SHOWN + 20];
    char allowed[256];
    write_found(found, sizeof found, yaml_document_get_node(&at->document->yaml, number));
    write_allowed(allowed, sizeof allowed, schema);
    return ts_document_refuse(at->document, place, at->key, at->error, "found %s, allowed is %s", found, allowed);
}

ts_status ts_document_refuse_unknown(const ts_document *document, int place, const char *key,
                                     const cyaml_schema_value_t *schema, ts_error *error) {
    char names[200];
    if (schema->type == CYAML_MAPPING) {
        write_names(names, sizeof names, schema);
    } else if (schema->type == CYAML_SEQUENCE) {
        snprintf(names, sizeof names, "an index such as [0]");
    } else {
        snprintf(names, sizeof names, "none, it holds a single value");
    }
    return ts_document_refuse(document, place, key, error, "unknown key; allowed here: %s", names);
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
    if (whole + fraction == 0) {
        return false;
    }
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        size_t exponent = strspn(at, digits);
        if (exponent == 0) {
            return false;
        }
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

/* Digits that fit into 64 bits and do not begin with a zero, which libcyaml would take for an octal number. */
static bool is_whole(const char *text) {
    const char *largest = "18446744073709551615";
    size_t length = strlen(text);
    if (length == 0 || strspn(text, "0123456789") != length || (text[0] == '0' && length > 1)) {
        return false;
    }
    return length < strlen(largest) || (length == strlen(largest) && strcmp(text, largest) <= 0);
}

/* Rewrite 1e6 or 20.0 as libcyaml reads whole numbers. Other texts stay as they are. Returns false without memory. */
static bool write_out_whole(yaml_node_t *node) {
    const char *text = (const char *)node->data.scalar.value;
    double value = is_decimal(text) && is_whole_decimal(text) ? strtod(text, NULL) : -1;
    bool has_leading_zero = text[0] == '0' && text[1] >= '0' && text[1] <= '9';
    if (has_leading_zero || !(value >= 0 && value < 0x1p53)) {
        return true;
    }
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%.0f", value);
    char *copy = strdup(digits);
    if (copy == NULL) {
        return false;
    }
    free(node->data.scalar.value); /* libyaml allocates with malloc() and will free this one as its own */
    node->data.scalar.value = (yaml_char_t *)copy;
    node->data.scalar.length = (size_t)length;
    return true;
}

static bool is_one_line(const char *text, size_t length, uint32_t most) {
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            return false;
        }
    }
    return length <= most;
}

static bool is_name(const char *text, const cyaml_schema_value_t *schema) {
    for (uint32_t i = 0; i < schema->enumeration.count; i++) {
        if (strcmp(text, schema->enumeration.strings[i].str) == 0) {
            return true;
        }
    }
    return false;
}

/* A number that would silently become 0, or lose digits. */
static bool is_too_small(const cyaml_schema_value_t *schema, const yaml_node_t *node) {
    const char *text = (const char *)node->data.scalar.value;
    return schema->type == CYAML_FLOAT && node->type == YAML_SCALAR_NODE &&
           node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strlen(text) == node->data.scalar.length &&
           has_decimal_form(text) && isfinite(strtod(text, NULL)) && !fits_double(text);
}

static ts_status refuse_scalar(walk *at, const cyaml_schema_value_t *schema, int place, int number) {
    const yaml_node_t *node = yaml_document_get_node(&at->document->yaml, number);
    char found[TS_SHOWN + 20];
    if (!is_too_small(schema, node)) {
        return refuse_value(at, schema, place, number);
    }
    write_found(found, sizeof found, node);
    return ts_document_refuse(at->document, place, at->key, at->error,
                              "found %s, too close to 0; allowed is 0, or a number of at least 2.3e-308 in size",
                              found);
}

static ts_status check_scalar(walk *at, const cyaml_schema_value_t *schema, int place, int number) {
    yaml_node_t *node = yaml_document_get_node(&at->document->yaml, number);
    bool good = node->type == YAML_SCALAR_NODE;
    if (good && schema->type == CYAML_STRING) {
        good = is_one_line((const char *)node->data.scalar.value, node->data.scalar.length, schema->string.max);
    } else if (good) {
        /* What YAML puts in quotes is a text, not a number. An escape can smuggle in a zero byte. */
        const char *text = (const char *)node->data.scalar.value;
        good = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strlen(text) == node->data.scalar.length;
        if (good && schema->type == CYAML_UINT && !is_whole(text)) {
            if (!write_out_whole(node)) {
                return ts_document_out_of_memory(at->error);
            }
            text = (const char *)node->data.scalar.value;
        }
        good = good && (schema->type == CYAML_FLOAT  ? is_decimal(text)
                        : schema->type == CYAML_UINT ? is_whole(text)
                        : schema->type == CYAML_BOOL ? strcmp(text, "true") == 0 || strcmp(text, "false") == 0
                                                     : is_name(text, schema));
    }
    return good ? TS_OK : refuse_scalar(at, schema, place, number);
}

static const cyaml_schema_field_t *find_field(const cyaml_schema_value_t *schema, const yaml_node_t *key) {
    for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key != NULL; field++) {
        if (key->type == YAML_SCALAR_NODE && strlen(field->key) == key->data.scalar.length &&
            memcmp(field->key, key->data.scalar.value, key->data.scalar.length) == 0) {
            return field;
        }
    }
    return NULL;
}

/* Lengthen the path that messages name. Returns the length to which it is to be cut again. */
static size_t go_down(walk *at, const char *name) {
    size_t length = strlen(at->key);
    append(at->key, sizeof at->key, length == 0 ? "" : ".");
    append(at->key, sizeof at->key, name);
    return length;
}

static ts_status check_pair(walk *at, const cyaml_schema_value_t *schema, int number, const yaml_node_pair_t *pair) {
    const yaml_node_t *key = yaml_document_get_node(&at->document->yaml, pair->key);
    const cyaml_schema_field_t *field = find_field(schema, key);
    if (field == NULL) {
        char name[TS_SHOWN] = "(a list or mapping as key)";
        if (key->type == YAML_SCALAR_NODE) {
            ts_document_show(name, sizeof name, (const char *)key->data.scalar.value, key->data.scalar.length);
        }
        go_down(at, name);
        return ts_document_refuse_unknown(at->document, pair->key, at->key, schema, at->error);
    }
    size_t length = go_down(at, field->key);
    const yaml_node_pair_t *first = ts_document_pair(at->document, number, field->key, strlen(field->key));
    if (first != pair) {
        return ts_document_refuse(at->document, pair->key, at->key, at->error, "found a second time, allowed is once");
    }
    ts_status status = check_value(at, &field->value, pair->key, pair->value);
    at->key[length] = '\0';
    return status;
}

static ts_status check_mapping(walk *at, const cyaml_schema_value_t *schema, int place, int number) {
    const yaml_node_t *node = yaml_document_get_node(&at->document->yaml, number);
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    ts_status status = TS_OK;
    for (; status == TS_OK && pair < node->data.mapping.pairs.top; pair++) {
        status = check_pair(at, schema, number, pair);
    }
    if (!at->complete || status != TS_OK) {
        return status;
    }
    for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key != NULL; field++) {
        bool optional = field->value.flags & CYAML_FLAG_OPTIONAL;
        if (!optional && ts_document_pair(at->document, number, field->key, strlen(field->key)) == NULL) {
            char needed[256];
            write_allowed(needed, sizeof needed, &field->value);
            go_down(at, field->key);
            return ts_document_refuse(at->document, place, at->key, at->error, "missing; needed is %s", needed);
        }
    }
    return TS_OK;
}

static ts_status check_sequence(walk *at, const cyaml_schema_value_t *schema, int place, int number) {
    const yaml_node_t *node = yaml_document_get_node(&at->document->yaml, number);
    const yaml_node_item_t *items = node->data.sequence.items.start;
    size_t count = (size_t)(node->data.sequence.items.top - items);
    if (count < schema->sequence.min || count > schema->sequence.max) {
        return refuse_value(at, schema, place, number);
    }
    size_t length = strlen(at->key);
    ts_status status = TS_OK;
    for (size_t i = 0; status == TS_OK && i < count; i++) {
        char index[32];
        snprintf(index, sizeof index, "[%zu]", i);
        append(at->key, sizeof at->key, index);
        status = check_value(at, schema->sequence.entry, items[i], items[i]);
        at->key[length] = '\0';
    }
    return status;
}

static ts_status check_value(walk *at, const cyaml_schema_value_t *schema, int place, int number) {
    yaml_node_type_t type = yaml_document_get_node(&at->document->yaml, number)->type;
    if (schema->type == CYAML_MAPPING) {
        return type == YAML_MAPPING_NODE ? check_mapping(at, schema, place, number)
                                         : refuse_value(at, schema, place, number);
    }
    if (schema->type == CYAML_SEQUENCE) {
        return type == YAML_SEQUENCE_NODE ? check_sequence(at, schema, place, number)
                                          : refuse_value(at, schema, place, number);
    }
    return check_scalar(at, schema, place, number);
}

ts_status ts_document_check(ts_document *document, bool complete, ts_error *error) {
    walk at = {.document = document, .error = error, .complete = complete};
    return check_value(&at, &ts_config_schema, 1, 1);
}
