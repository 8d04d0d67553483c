/* The configuration as a tree of YAML nodes that know where they come from: a line of the file or a --set assignment.
 * Everything that is refused about a configuration is refused here, so that all messages have the same form:
 *
 *     FILE:LINE: KEY: what was found and what is allowed
 *     --set KEY=VALUE: what was found and what is allowed */
#ifndef TS_IO_CONFIG_DOCUMENT_H
#define TS_IO_CONFIG_DOCUMENT_H

#include <cyaml/cyaml.h>
#include <timescape.h>
#include <yaml.h>

#define TS_SHOWN 64 /* a value in a message is cut to fit into this many bytes */

typedef struct ts_document {
    const char *path;
    const char *const *assignments; /* [assignment_count], as given to --set */
    size_t assignment_count;
    yaml_document_t yaml; /* nodes are named by number, from 1 in the order in which they were made */
    int *last_node;       /* [1 + assignment_count] last node of the file, then of each assignment */
} ts_document;

/* Read a whole text file. The caller frees *text. */
ts_status ts_document_read_file(char **text, size_t *length, const char *path, ts_error *error);

/* Parse `text` (the contents of `path`), apply the assignments in order, and check the result against the schema. On
 * success the document must be closed; `path` and `assignments` must outlive it. */
ts_status ts_document_open(ts_document *document, const char *path, const char *text, size_t length,
                           const char *const *assignments, size_t assignment_count, ts_error *error);
void ts_document_close(ts_document *document);

/* Write the document as YAML and close it. The caller frees the result; NULL when memory ran out. */
char *ts_document_emit(ts_document *document);

/* Set error and return TS_INVALID. `place` is the node to blame: the key of a pair, an entry of a list, or the root. */
ts_status ts_document_refuse(const ts_document *document, int place, const char *key, ts_error *error,
                             const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same for the node at dotted path `key`, or for its nearest ancestor when the document does not have it. Blames
 * the last assignment that wrote at or below the key, where there is one. */
ts_status ts_document_refuse_key(ts_document *document, const char *key, ts_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "found VALUE, allowed is ...", where `key` is the path of a scalar and the format gives the rest of the sentence. */
ts_status ts_document_refuse_value(ts_document *document, const char *key, ts_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* True when an assignment wrote at or below the dotted path `key`. */
bool ts_document_is_assigned(ts_document *document, const char *key);

ts_status ts_document_out_of_memory(ts_error *error);

/* Copy text into a message: control characters become '?', and what does not fit is cut at a character and marked. */
void ts_document_show(char *to, size_t size, const char *text, size_t length);

/* One part of a dotted path: a name, or the index of a list entry. A part that is malformed is a name that no key has.
 */
typedef struct ts_key_part {
    const char *name; /* [length], not terminated; NULL: an index */
    size_t length;
    size_t index;
} ts_key_part;

/* Take the first part off the path [*rest, end); false at its end. */
bool ts_key_next(const char **rest, const char *end, ts_key_part *part);

/* The pair of mapping `node` with this key, or NULL. Valid until a node or pair is added. */
yaml_node_pair_t *ts_document_pair(ts_document *document, int node, const char *name, size_t length);

/* Why a text is not the one plain YAML document that is needed. */
typedef struct ts_yaml_problem {
    size_t line;       /* from 1 */
    char message[200]; /* empty: memory ran out */
} ts_yaml_problem;

/* Parse text into *yaml, to be deleted by the caller, with no node at all when there is nothing but comments.
 * Refuses what a configuration does not need and libyaml's tree would hide: aliases, tags, further documents. */
bool ts_yaml_load(yaml_document_t *yaml, const char *text, size_t length, ts_yaml_problem *problem);

/* config_assign.c: apply assignment `number`. The document satisfies the schema, but for keys that are still missing.
 */
ts_status ts_document_assign(ts_document *document, size_t number, ts_error *error);

/* config_check.c: hold the document against ts_config_schema, and rewrite whole numbers such as 1e6 as 1000000. Keys
 * may be missing unless `complete`. */
ts_status ts_document_check(ts_document *document, bool complete, ts_error *error);

/* config_check.c: refuse a key that `schema`, the value it stands in, does not have. */
ts_status ts_document_refuse_unknown(const ts_document *document, int place, const char *key,
                                     const cyaml_schema_value_t *schema, ts_error *error);

#endif
