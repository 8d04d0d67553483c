/* A configuration file (YAML) with its --set assignments, turned into validated settings. */
#ifndef TS_IO_CONFIG_CONFIG_H
#define TS_IO_CONFIG_CONFIG_H

#include <timescape.h>

typedef struct ts_config {
    char *title;          /* "" when the file gives none */
    char *text;           /* the whole configuration as YAML, after the assignments */
    ts_settings settings; /* validated; its axes and observations lie in memory of this config */
} ts_config;

/* Load `path`, apply `assignments` ("dotted.key=value", values in YAML flow style) in order, and validate everything.
 * On success the caller owns *config until ts_config_free. On failure *config is empty and error->message is one whole
 * sentence that names file and line (or the --set that is at fault), key, the value found and what is allowed.
 * Errors: TS_INVALID (anything wrong with the file or its values), TS_FAILED (memory). */
ts_status ts_config_load(ts_config *config, const char *path, const char *const *assignments, size_t assignment_count,
                         ts_error *error);
void ts_config_free(ts_config *config); /* an empty config is allowed */

#endif
