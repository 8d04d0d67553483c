/* Text in and out: the file as bytes, the bytes as a tree of YAML nodes, the tree as text again. */
#include "io/config/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_SIZE ((size_t)1 << 20)
#define MAX_DEPTH 16 /* of nested lists and mappings; a configuration needs 5. Bounds every recursion over nodes */

ts_status ts_document_out_of_memory(ts_error *error) {
    *error = (ts_error){.message = "not enough memory to read the configuration"};
    return TS_FAILED;
}

static ts_status refuse_file(const char *path, const char *reason, ts_error *error) {
    error->key[0] = '\0';
    char shown[300];
    ts_document_show(shown, sizeof shown, path, strlen(path));
    snprintf(error->message, sizeof error->message, "%s: %s", shown, reason);
    return TS_INVALID;
}

ts_status ts_document_read_file(char **text, size_t *length, const char *path, ts_error *error) {
    char reason[160];
    ts_status status = TS_OK;
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(MAX_FILE_SIZE + 1);
    if (bytes == NULL) {
        status = ts_document_out_of_memory(error);
        goto cleanup;
    }
    size_t size = file == NULL ? 0 : fread(bytes, 1, MAX_FILE_SIZE + 1, file);
    if (file == NULL || ferror(file)) {
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
    if (file != NULL) {
        (void)fclose(file);
    }
    return status;
}

/* libyaml knows the line of a mistake in the grammar, but only the byte of one in the encoding. */
static bool parser_problem(const yaml_parser_t *parser, const char *text, size_t length, ts_yaml_problem *problem) {
    problem->line = parser->problem_mark.line + 1;
    problem->message[0] = '\0';
    if (parser->error == YAML_READER_ERROR) {
        problem->line = 1;
        for (size_t i = 0; i < length && i < parser->problem_offset; i++) {
            problem->line += text[i] == '\n';
        }
        snprintf(problem->message, sizeof problem->message, "not a text in UTF-8 (%s)", parser->problem);
    } else if (parser->problem != NULL) { /* libyaml gives no problem when memory ran out */
        const char *context = parser->context == NULL ? "" : parser->context;
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
    return anchor != NULL      ? anchored
           : tag != NULL       ? tagged
           : depth > MAX_DEPTH ? "found too many lists or mappings inside each other"
           : documents > 1     ? "found a second YAML document, allowed is one"
                               : NULL;
}

static bool check_events(const char *text, size_t length, ts_yaml_problem *problem) {
    yaml_parser_t parser;
    *problem = (ts_yaml_problem){0};
    if (!yaml_parser_initialize(&parser)) {
        return false;
    }
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
        if (found != NULL) {
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
    if (!check_events(text, length, problem) || !yaml_parser_initialize(&parser)) {
        return false;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    bool good = yaml_parser_load(&parser, yaml) || parser_problem(&parser, text, length, problem);
    yaml_parser_delete(&parser);
    return good;
}

char *ts_document_emit(ts_document *document) {
    char *text = NULL;
    size_t size = 0;
    yaml_emitter_t emitter;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL || !yaml_emitter_initialize(&emitter)) {
        if (stream != NULL) {
            (void)fclose(stream);
        }
        free(text);
        ts_document_close(document);
        return NULL;
    }
    yaml_emitter_set_output_file(&emitter, stream);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, 120);
    bool good = yaml_emitter_dump(&emitter, &document->yaml) && yaml_emitter_close(&emitter);
    yaml_emitter_delete(&emitter);
    good = fclose(stream) == 0 && good;
    document->yaml = (yaml_document_t){0}; /* yaml_emitter_dump() has deleted it */
    ts_document_close(document);
    if (!good) {
        free(text);
        text = NULL;
    }
    return text;
}
