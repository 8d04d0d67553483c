/* The configuration as a tree of YAML nodes that know where they come from: a line of the file or a --set assignment.
 * Everything that is refused about a configuration is refused here, so that all messages have the same form:
 *
 *     FILE:LINE: KEY: what was found and what is allowed
 *     --set KEY=VALUE: what was found and what is allowed
 *
 * Inside src/io/config only. */
#ifndef TS_IO_CONFIG_DOCUMENT_H
#define TS_IO_CONFIG_DOCUMENT_H

#include "io/config/yaml.h"

#define TS_SHOWN 64 /* a value in a message is cut to fit into this many bytes */

typedef struct ts_document {
    const char *path;
    const char *const *assignments; /* [assignment_count], as given to --set */
    size_t assignment_count;
    yaml_document_t yaml; /* nodes are named by number, from 1 in the order in which they were made */
    int *last_node;       /* [1 + assignment_count] last node of the file, then of each assignment; INT_MAX: not yet */
} ts_document;

/* Parse `text`, the contents of `path`. On success the document must be closed; `path` and `assignments` must outlive
 * it, and are not applied yet. */
ts_status ts_document_open(ts_document *document, const char *path, const char *text, size_t length,
                           const char *const *assignments, size_t assignment_count, ts_error *error);
void ts_document_close(ts_document *document);

/* The nodes made since the file was read, or the last assignment was done, are those of assignment `number`. */
void ts_document_assigned(ts_document *document, size_t number);

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

/* One part of a dotted path: a name, or the index of a list entry. A part that is malformed is a name that no key has.
 */
typedef struct ts_path_part {
    const char *name; /* [length], not terminated; NULL: an index */
    size_t length;
    size_t index;
} ts_path_part;

/* Take the first part off the path [*rest, end); false at its end. */
bool ts_path_next(const char **rest, const char *end, ts_path_part *part);

/* The pair of mapping `node` with this key, or NULL. Valid until a node or pair is added. */
yaml_node_pair_t *ts_document_pair(ts_document *document, int node, const char *name, size_t length);

/* The node at the dotted path `key`; NULL: the document does not have it. Valid until a node is added. */
const yaml_node_t *ts_document_find(ts_document *document, const char *key);

#endif
