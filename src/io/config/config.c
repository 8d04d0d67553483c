#include "io/config/config.h"

#include "io/config/assign.h"
#include "io/config/check.h"
#include "io/config/fill.h"

#include <stdlib.h>
#include <string.h>

/* Apply the assignments in order, so that each finds a document without fault. */
static ts_status resolve(ts_document *document, ts_error *error) {
    ts_status status = ts_config_check(document, false, error);
    for (size_t i = 0; status == TS_OK && i < document->assignment_count; i++) {
        status = ts_config_assign(document, i, error);
        if (status == TS_OK)
            status = ts_config_check(document, false, error);
    }
    return status == TS_OK ? ts_config_check(document, true, error) : status;
}

static ts_status fill_config(ts_config *config, ts_document *document, ts_error *error) {
    const yaml_node_t *title = ts_document_find(document, "title");
    config->text = ts_yaml_emit(&document->yaml);
    config->title = strdup(title ? (const char *)title->data.scalar.value : "");
    return config->text && config->title ? ts_config_fill(&config->settings, document, error)
                                         : ts_yaml_no_memory(error);
}

ts_status ts_config_load_text(ts_config *config, const char *name, const char *text, size_t length,
                              const char *const *assignments, size_t assignment_count, ts_error *error) {
    ts_error unused;
    error = error ? error : &unused;
    *config = (ts_config){0};
    ts_document document = {0};
    ts_status status = ts_document_open(&document, name, text, length, assignments, assignment_count, error);
    if (status == TS_OK)
        status = resolve(&document, error);
    if (status == TS_OK)
        status = fill_config(config, &document, error);
    ts_document_close(&document);
    if (status != TS_OK)
        ts_config_free(config);
    return status;
}

ts_status ts_config_load(ts_config *config, const char *path, const char *const *assignments, size_t assignment_count,
                         ts_error *error) {
    ts_error unused;
    char *text = NULL;
    size_t length = 0;
    *config = (ts_config){0};
    ts_status status = ts_yaml_read_file(&text, &length, path, error ? error : &unused);
    if (status == TS_OK)
        status = ts_config_load_text(config, path, text, length, assignments, assignment_count, error);
    free(text);
    return status;
}

void ts_config_free(ts_config *config) {
    free(config->title);
    free(config->text);
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        free((void *)config->settings.axis[p].values);
    free((void *)config->settings.observe);
    *config = (ts_config){0};
}
