#include "io/config/document.h"

#include "base/fail.h"
#include "io/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_PATH 160
#define SHOWN_ASSIGNMENT 120

/* Number of the assignment that made the node, or assignment_count when it comes from the file. */
static size_t assignment_of(const ts_document *document, int node) {
    if (node <= document->last_node[0])
        return document->assignment_count;
    size_t number = 0;
    while (node > document->last_node[number + 1])
        number++;
    return number;
}

static void write_place(char *to, size_t size, const ts_document *document, int place, const char *key) {
    size_t number = assignment_of(document, place);
    const char *colon = key[0] == '\0' ? "" : ": ";
    if (number == document->assignment_count) {
        const yaml_node_t *node = document->yaml.nodes.start + (place - 1);
        char path[SHOWN_PATH];
        ts_text_show(path, sizeof path, document->path, strlen(document->path));
        snprintf(to, size, "%s:%zu%s%s", path, node->start_mark.line + 1, colon, key);
        return;
    }
    const char *assignment = document->assignments[number];
    bool same = strncmp(assignment, key, strlen(key)) == 0 && assignment[strlen(key)] == '=';
    char shown[SHOWN_ASSIGNMENT];
    ts_text_show(shown, sizeof shown, assignment, strlen(assignment));
    snprintf(to, size, "--set %s%s%s", shown, same ? "" : colon, same ? "" : key);
}

static ts_status refuse(const ts_document *document, int place, const char *key, ts_error *error, const char *format,
                        va_list arguments) {
    char where[SHOWN_PATH + SHOWN_ASSIGNMENT];
    char what[sizeof error->message];
    write_place(where, sizeof where, document, place, key);
    vsnprintf(what, sizeof what, format, arguments);
    /* Where a long name leaves no room for the end of the sentence, its end is lost; its beginning says what is wrong.
     */
    return ts_fail(error, TS_INVALID, key, "%s: %.*s", where, (int)(sizeof error->message - strlen(where) - 3), what);
}

ts_status ts_document_refuse(const ts_document *document, int place, const char *key, ts_error *error,
                             const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ts_status status = refuse(document, place, key, error, format, arguments);
    va_end(arguments);
    return status;
}

bool ts_path_next(const char **rest, const char *end, ts_path_part *part) {
    const char *at = *rest;
    *part = (ts_path_part){.name = at, .length = (size_t)(end - at)};
    *rest = end;
    if (at == end)
        return false;
    if (*at == '[') {
        size_t digits = strspn(at + 1, "0123456789");
        const char *close = at + 1 + digits;
        if (digits < 1 || digits > 9 || *close != ']')
            return true;
        *part = (ts_path_part){.index = strtoul(at + 1, NULL, 10)};
        at = close + 1;
    } else {
        part->length = strcspn(at, ".[=");
        at += part->length;
    }
    /* A point must be followed by a name, which the next call finds to be missing: an empty name is no key. */
    *rest = at < end && *at == '.' && at + 1 < end ? at + 1 : at;
    return true;
}

yaml_node_pair_t *ts_document_pair(ts_document *document, int node, const char *name, size_t length) {
    const yaml_node_t *mapping = yaml_document_get_node(&document->yaml, node);
    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&document->yaml, pair->key);
        if (key->type == YAML_SCALAR_NODE && key->data.scalar.length == length &&
            memcmp(key->data.scalar.value, name, length) == 0)
            return pair;
    }
    return NULL;
}

/* Where a dotted path leads: the node with that key and the place to blame for it, or its nearest ancestor's. */
typedef struct found_node {
    int place, node;
    bool exact;
} found_node;

static found_node find_key(ts_document *document, const char *key) {
    found_node found = {.place = 1, .node = 1};
    const char *end = key + strlen(key);
    ts_path_part part;
    while (ts_path_next(&key, end, &part)) {
        const yaml_node_t *node = yaml_document_get_node(&document->yaml, found.node);
        if (node->type == YAML_MAPPING_NODE && part.name) {
            const yaml_node_pair_t *pair = ts_document_pair(document, found.node, part.name, part.length);
            if (!pair)
                return found;
            found = (found_node){.place = pair->key, .node = pair->value};
        } else if (node->type == YAML_SEQUENCE_NODE && !part.name) {
            yaml_node_item_t *item = node->data.sequence.items.start + part.index;
            if (item >= node->data.sequence.items.top)
                return found;
            found = (found_node){.place = *item, .node = *item};
        } else {
            return found;
        }
    }
    found.exact = true;
    return found;
}

const yaml_node_t *ts_document_find(ts_document *document, const char *key) {
    const found_node found = find_key(document, key);
    return found.exact ? yaml_document_get_node(&document->yaml, found.node) : NULL;
}

static int last_below(ts_document *document, int number) {
    const yaml_node_t *node = yaml_document_get_node(&document->yaml, number);
    int last = number;
    if (node->type == YAML_SEQUENCE_NODE) {
        for (yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
            int below = last_below(document, *item);
            last = below > last ? below : last;
        }
    } else if (node->type == YAML_MAPPING_NODE) {
        for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
            int below = last_below(document, pair->value);
            last = below > last ? below : last;
        }
    }
    return last;
}

/* The place to blame for what is wrong with `key`. Later assignments have later nodes. */
static int place_of_key(ts_document *document, const char *key) {
    found_node found = find_key(document, key);
    int last = found.exact ? last_below(document, found.node) : found.place;
    return last > document->last_node[0] ? last : found.place;
}

bool ts_document_is_assigned(ts_document *document, const char *key) {
    return place_of_key(document, key) > document->last_node[0];
}

ts_status ts_document_refuse_key(ts_document *document, const char *key, ts_error *error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ts_status status = refuse(document, place_of_key(document, key), key, error, format, arguments);
    va_end(arguments);
    return status;
}

ts_status ts_document_refuse_value(ts_document *document, const char *key, ts_error *error, const char *format, ...) {
    const yaml_node_t *node = yaml_document_get_node(&document->yaml, find_key(document, key).node);
    char value[TS_SHOWN] = "";
    if (node->type == YAML_SCALAR_NODE)
        ts_text_show(value, sizeof value, (const char *)node->data.scalar.value, node->data.scalar.length);
    char allowed[sizeof error->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(allowed, sizeof allowed, format, arguments);
    va_end(arguments);
    return ts_document_refuse_key(document, key, error, "found %s, %s", value, allowed);
}

static ts_status load_file(ts_document *document, const char *text, size_t length, ts_error *error) {
    ts_yaml_problem problem;
    char path[SHOWN_PATH];
    ts_text_show(path, sizeof path, document->path, strlen(document->path));
    if (!ts_yaml_load(&document->yaml, text, length, &problem)) {
        document->yaml = (yaml_document_t){0};
        return problem.message[0] == '\0'
                   ? ts_yaml_no_memory(error)
                   : ts_fail(error, TS_INVALID, "", "%s:%zu: %s", path, problem.line, problem.message);
    }
    if (!yaml_document_get_root_node(&document->yaml))
        return ts_fail(error, TS_INVALID, "", "%s: is empty, allowed is a configuration", path);
    document->last_node[0] = (int)(document->yaml.nodes.top - document->yaml.nodes.start);
    return TS_OK;
}

ts_status ts_document_open(ts_document *document, const char *path, const char *text, size_t length,
                           const char *const *assignments, size_t assignment_count, ts_error *error) {
    *document = (ts_document){.path = path, .assignments = assignments, .assignment_count = assignment_count};
    document->last_node = malloc((1 + assignment_count) * sizeof *document->last_node);
    if (!document->last_node)
        return ts_yaml_no_memory(error);
    for (size_t i = 0; i <= assignment_count; i++)
        document->last_node[i] = INT_MAX;
    const ts_status status = load_file(document, text, length, error);
    if (status != TS_OK)
        ts_document_close(document);
    return status;
}

void ts_document_assigned(ts_document *document, size_t number) {
    document->last_node[number + 1] = (int)(document->yaml.nodes.top - document->yaml.nodes.start);
}

void ts_document_close(ts_document *document) {
    if (document->yaml.nodes.start)
        yaml_document_delete(&document->yaml);
    free(document->last_node);
    *document = (ts_document){0};
}
