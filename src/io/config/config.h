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

/* The same for `text` [length] in memory, which messages call `name`. */
ts_status ts_config_load_text(ts_config *config, const char *name, const char *text, size_t length,
                              const char *const *assignments, size_t assignment_count, ts_error *error);

/* Does anything differ between two settings that a result depends on? Then the first key that does is in `difference`
 * [size], with its values and where these are: "sweep.replicates: 64 in a.nc, 200 in b.nc" where `in_a` is "in a.nc".
 */
bool ts_settings_difference(const ts_settings *a, const char *in_a, const ts_settings *b, const char *in_b,
                            char *difference, size_t size);

/* The same for two whole configurations, such as ts_config.text: "sweep.replicates: 64 there, 200 here" for `text_a`
 * and `text_b`. One that cannot be read differs from all. Titles may differ. */
bool ts_config_difference(const char *text_a, const char *text_b, char *difference, size_t size);

#endif
