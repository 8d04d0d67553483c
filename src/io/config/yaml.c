#include "io/config/yaml.h"

#include "base/fail.h"
#include "io/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_SIZE ((size_t)1 << 20)
#define MAX_DEPTH 16 /* of nested lists and mappings; a configuration needs 5. Bounds every recursion over nodes */

ts_status ts_yaml_no_memory(ts_error *error) {
    return ts_fail(error, TS_FAILED, "", "not enough memory to read the configuration");
}

static ts_status refuse_file(const char *path, const char *reason, ts_error *error) {
    char shown[300];
    ts_text_show(shown, sizeof shown, path, strlen(path));
    return ts_fail(error, TS_INVALID, "", "%s: %s", shown, reason);
}

ts_status ts_yaml_read_file(char **text, size_t *length, const char *path, ts_error *error) {
    char reason[160];
    ts_status status = TS_OK;
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(MAX_FILE_SIZE + 1);
    if (!bytes) {
        status = ts_yaml_no_memory(error);
        goto cleanup;
    }
    const size_t size = file ? fread(bytes, 1, MAX_FILE_SIZE + 1, file) : 0;
    if (!file || ferror(file)) {
        snprintf(reason, sizeof reason, "cannot be read (%s)", strerror(errno));
        status = refuse_file(path, reason, error);
    } else if (size > MAX_FILE_SIZE) {
        status = refuse_file(path, "is larger than 1 MiB, which no configuration is", error);
    } else {
        *text = bytes;
        *length = size;
        bytes = NULL;
    }
cleanup:
    free(bytes);
    if (file)
        (void)fclose(file);
    return status;
}

/* libyaml knows the line of a mistake in the grammar, but only the byte of one in the encoding. */
static bool parser_problem(const yaml_parser_t *parser, const char *text, size_t length, ts_yaml_problem *problem) {
    problem->line = parser->problem_mark.line + 1;
    problem->message[0] = '\0';
    if (parser->error == YAML_READER_ERROR) {
        problem->line = 1;
        for (size_t i = 0; i < length && i < parser->problem_offset; i++)
            problem->line += text[i] == '\n';
        snprintf(problem->message, sizeof problem->message, "not a text in UTF-8 (%s)", parser->problem);
    } else if (parser->problem) { /* libyaml gives no problem when memory ran out */
        const char *context = parser->context ? parser->context : "";
        snprintf(problem->message, sizeof problem->message, "not valid YAML (%s%s%s)", parser->problem,
                 context[0] == '\0' ? "" : " ", context);
    }
    return false;
}

/* What a configuration does not need, and libyaml's tree of nodes would hide or take long to build. */
static const char *event_problem(const yaml_event_t *event, int depth, int documents) {
    const char *anchored = "found an anchor or alias (a word with '&' or '*'), allowed are values written out";
    const char *tagged = "found a tag (a word with '!'), allowed are plain values";
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return anchored;
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    default:
        break;
    }
    return anchor              ? anchored
           : tag               ? tagged
           : depth > MAX_DEPTH ? "found too many lists or mappings inside each other"
           : documents > 1     ? "found a second YAML document, allowed is one"
                               : NULL;
}

static bool check_events(const char *text, size_t length, ts_yaml_problem *problem) {
    yaml_parser_t parser;
    *problem = (ts_yaml_problem){0};
    if (!yaml_parser_initialize(&parser))
        return false;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    bool good = true;
    int depth = 0;
    int documents = 0;
    for (bool done = false; good && !done;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            good = parser_problem(&parser, text, length, problem);
            break;
        }
        documents += event.type == YAML_DOCUMENT_START_EVENT;
        depth += event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT;
        depth -= event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
        const char *found = event_problem(&event, depth, documents);
        if (found) {
            problem->line = event.start_mark.line + 1;
            snprintf(problem->message, sizeof problem->message, "%s", found);
            good = false;
        }
        done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return good;
}

bool ts_yaml_load(yaml_document_t *yaml, const char *text, size_t length, ts_yaml_problem *problem) {
    yaml_parser_t parser;
    if (!check_events(text, length, problem) || !yaml_parser_initialize(&parser))
        return false;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    bool good = yaml_parser_load(&parser, yaml) || parser_problem(&parser, text, length, problem);
    yaml_parser_delete(&parser);
    return good;
}

int ts_yaml_add_scalar(yaml_document_t *yaml, const char *text, size_t length, yaml_scalar_style_t style) {
    return yaml_document_add_scalar(yaml, NULL, (const unsigned char *)text, (int)length, style);
}

int ts_yaml_copy(yaml_document_t *yaml, yaml_document_t *from, int number) {
    const yaml_node_t *node = yaml_document_get_node(from, number);
    if (node->type == YAML_SCALAR_NODE)
        return ts_yaml_add_scalar(yaml, (const char *)node->data.scalar.value, node->data.scalar.length,
                                  node->data.scalar.style);
    if (node->type == YAML_SEQUENCE_NODE) {
        const int list = yaml_document_add_sequence(yaml, NULL, node->data.sequence.style);
        bool good = list != 0;
        yaml_node_item_t *item = node->data.sequence.items.start;
        for (; good && item < node->data.sequence.items.top; item++) {
            const int entry = ts_yaml_copy(yaml, from, *item);
            good = entry != 0 && yaml_document_append_sequence_item(yaml, list, entry);
        }
        return good ? list : 0;
    }
    const int mapping = yaml_document_add_mapping(yaml, NULL, node->data.mapping.style);
    bool good = mapping != 0;
    yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; good && pair < node->data.mapping.pairs.top; pair++) {
        const int key = ts_yaml_copy(yaml, from, pair->key);
        const int value = key == 0 ? 0 : ts_yaml_copy(yaml, from, pair->value);
        good = value != 0 && yaml_document_append_mapping_pair(yaml, mapping, key, value);
    }
    return good ? mapping : 0;
}

/* Write a document, which is deleted. */
static bool dump(yaml_document_t *yaml, FILE *stream) {
    yaml_emitter_t emitter;
    if (!yaml_emitter_initialize(&emitter)) {
        yaml_document_delete(yaml);
        return false;
    }
    yaml_emitter_set_output_file(&emitter, stream);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, 120);
    const bool good = yaml_emitter_dump(&emitter, yaml) && yaml_emitter_close(&emitter);
    yaml_emitter_delete(&emitter);
    return good;
}

/* Writing a document destroys it: write a copy. */
char *ts_yaml_emit(yaml_document_t *yaml) {
    char *text = NULL;
    size_t size = 0;
    yaml_document_t copy;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return NULL;
    bool good = yaml_document_initialize(&copy, yaml->version_directive, yaml->tag_directives.start,
                                         yaml->tag_directives.end, yaml->start_implicit, yaml->end_implicit);
    if (good && ts_yaml_copy(&copy, yaml, 1) == 0) {
        yaml_document_delete(&copy);
        good = false;
    }
    good = good && dump(&copy, stream);
    if (fclose(stream) == 0 && good)
        return text;
    free(text);
    return NULL;
}
