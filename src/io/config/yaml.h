/* Text in and out: a file as bytes, the bytes as a tree of YAML nodes, the tree as text again. Inside src/io/config
 * only. */
#ifndef TS_IO_CONFIG_YAML_H
#define TS_IO_CONFIG_YAML_H

#include <timescape.h>
#include <yaml.h>

ts_status ts_yaml_no_memory(ts_error *error);

/* Read a whole text file. The caller frees *text. */
ts_status ts_yaml_read_file(char **text, size_t *length, const char *path, ts_error *error);

/* Why a text is not the one plain YAML document that is needed. */
typedef struct ts_yaml_problem {
    size_t line;       /* from 1 */
    char message[200]; /* empty: memory ran out */
} ts_yaml_problem;

/* Parse text into *yaml, to be deleted by the caller, with no node at all when there is nothing but comments.
 * Refuses what a configuration does not need and libyaml's tree would hide: aliases, tags, further documents. */
bool ts_yaml_load(yaml_document_t *yaml, const char *text, size_t length, ts_yaml_problem *problem);

/* Add a scalar to a document. Returns the number of its node, 0 when memory ran out. */
int ts_yaml_add_scalar(yaml_document_t *yaml, const char *text, size_t length, yaml_scalar_style_t style);

/* Copy a tree of nodes into another document. Returns the number of its root, 0 when memory ran out. */
int ts_yaml_copy(yaml_document_t *yaml, yaml_document_t *from, int number);

/* The document as text. The caller frees the result; NULL when memory ran out. */
char *ts_yaml_emit(yaml_document_t *yaml);

#endif
