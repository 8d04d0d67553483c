/* One --set KEY=VALUE, written into the document as if it stood in the file. */
#include "io/config/document.h"
#include "io/config/schema.h"

#include <limits.h>
#include <string.h>

#define THIS_ASSIGNMENT INT_MAX /* as a place: nodes after those of the earlier assignments belong to this one */

static int add_scalar(ts_document *document, const char *text, size_t length, yaml_scalar_style_t style) {
    return yaml_document_add_scalar(&document->yaml, NULL, (const unsigned char *)text, (int)length, style);
}

/* Copy a tree of nodes into the document. Returns the number of its root, 0 when memory ran out. */
static int copy_node(ts_document *document, yaml_document_t *from, int number) {
    const yaml_node_t *node = yaml_document_get_node(from, number);
    if (node->type == YAML_SCALAR_NODE) {
        return add_scalar(document, (const char *)node->data.scalar.value, node->data.scalar.length,
                          node->data.scalar.style);
    }
    if (node->type == YAML_SEQUENCE_NODE) {
        int list = yaml_document_add_sequence(&document->yaml, NULL, node->data.sequence.style);
        bool good = list != 0;
        yaml_node_item_t *item = node->data.sequence.items.start;
        for (; good && item < node->data.sequence.items.top; item++) {
            int entry = copy_node(document, from, *item);
            good = entry != 0 && yaml_document_append_sequence_item(&document->yaml, list, entry);
        }
        return good ? list : 0;
    }
    int mapping = yaml_document_add_mapping(&document->yaml, NULL, node->data.mapping.style);
    bool good = mapping != 0;
    yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; good && pair < node->data.mapping.pairs.top; pair++) {
        int key = copy_node(document, from, pair->key);
        int value = key == 0 ? 0 : copy_node(document, from, pair->value);
        good = value != 0 && yaml_document_append_mapping_pair(&document->yaml, mapping, key, value);
    }
    return good ? mapping : 0;
}

static ts_status add_value(ts_document *document, const char *text, int *value, ts_error *error) {
    yaml_document_t yaml = {0};
    ts_yaml_problem problem;
    if (!ts_yaml_load(&yaml, text, strlen(text), &problem)) {
        return problem.message[0] == '\0'
                   ? ts_document_out_of_memory(error)
                   : ts_document_refuse(document, THIS_ASSIGNMENT, "", error, "%s", problem.message);
    }
    *value = yaml_document_get_root_node(&yaml) == NULL ? add_scalar(document, "", 0, YAML_PLAIN_SCALAR_STYLE)
                                                        : copy_node(document, &yaml, 1);
    yaml_document_delete(&yaml);
    return *value == 0 ? ts_document_out_of_memory(error) : TS_OK;
}

/* Where a path has led so far. */
typedef struct position {
    int node;
    const cyaml_schema_value_t *schema;
} position;

static const cyaml_schema_value_t *schema_of_key(const cyaml_schema_value_t *mapping, const ts_key_part *part) {
    for (const cyaml_schema_field_t *field = mapping->mapping.fields; field->key != NULL; field++) {
        if (strlen(field->key) == part->length && memcmp(field->key, part->name, part->length) == 0) {
            return &field->value;
        }
    }
    return NULL;
}

/* Step into the pair with this key. `value` becomes its value; 0 keeps the one it has, or makes an empty section. */
static ts_status enter_key(ts_document *document, position *at, const ts_key_part *part, int value, ts_error *error) {
    const cyaml_schema_value_t *schema = schema_of_key(at->schema, part);
    if (schema == NULL) {
        return ts_document_refuse_unknown(document, THIS_ASSIGNMENT, "", at->schema, error);
    }
    const yaml_node_pair_t *present = ts_document_pair(document, at->node, part->name, part->length);
    if (present != NULL && value == 0) {
        *at = (position){.node = present->value, .schema = schema};
        return TS_OK;
    }
    if (value == 0) {
        value = schema->type == CYAML_SEQUENCE
                    ? yaml_document_add_sequence(&document->yaml, NULL, YAML_FLOW_SEQUENCE_STYLE)
                    : yaml_document_add_mapping(&document->yaml, NULL, YAML_FLOW_MAPPING_STYLE);
    }
    /* The key is a new node too: it is the place to blame for the value. */
    int key = add_scalar(document, part->name, part->length, YAML_PLAIN_SCALAR_STYLE);
    yaml_node_pair_t *old = ts_document_pair(document, at->node, part->name, part->length);
    bool good = value != 0 && key != 0;
    if (good && old != NULL) {
        *old = (yaml_node_pair_t){.key = key, .value = value};
    } else if (good) {
        good = yaml_document_append_mapping_pair(&document->yaml, at->node, key, value);
    }
    *at = (position){.node = value, .schema = schema};
    return good ? TS_OK : ts_document_out_of_memory(error);
}

/* Step into a list entry, which becomes `value` unless that is 0. */
static ts_status enter_index(ts_document *document, position *at, size_t index, int value, ts_error *error) {
    const yaml_node_t *list = yaml_document_get_node(&document->yaml, at->node);
    size_t count = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
    if (index >= count) {
        return ts_document_refuse(document, THIS_ASSIGNMENT, "", error,
                                  "found index %zu, allowed are the %zu entries of the list, from [0]", index, count);
    }
    yaml_node_item_t *item = list->data.sequence.items.start + index;
    if (value != 0) {
        *item = value;
    }
    *at = (position){.node = *item, .schema = at->schema->sequence.entry};
    return TS_OK;
}

ts_status ts_document_assign(ts_document *document, size_t number, ts_error *error) {
    const char *rest = document->assignments[number];
    const char *end = strchr(rest, '=');
    if (end == NULL) {
        return ts_document_refuse(document, THIS_ASSIGNMENT, "", error, "found no '=', allowed is KEY=VALUE");
    }
    int value = 0;
    ts_status status = add_value(document, end + 1, &value, error);
    position at = {.node = 1, .schema = &ts_config_schema};
    ts_key_part part;
    bool more = true;
    while (status == TS_OK && more) {
        more = ts_key_next(&rest, end, &part) && rest < end;
        int last = more ? 0 : value;
        if (at.schema->type == CYAML_MAPPING && part.name != NULL) {
            status = enter_key(document, &at, &part, last, error);
        } else if (at.schema->type == CYAML_SEQUENCE && part.name == NULL) {
            status = enter_index(document, &at, part.index, last, error);
        } else {
            status = ts_document_refuse_unknown(document, THIS_ASSIGNMENT, "", at.schema, error);
        }
    }
    return status;
}
