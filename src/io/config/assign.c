#include "io/config/assign.h"

#include "io/config/check.h"

#include <limits.h>
#include <string.h>

#define THIS_ASSIGNMENT INT_MAX /* as a place: nodes after those of the earlier assignments belong to this one */

static ts_status add_value(ts_document *document, const char *text, int *value, ts_error *error) {
    yaml_document_t yaml = {0};
    ts_yaml_problem problem;
    if (!ts_yaml_load(&yaml, text, strlen(text), &problem))
        return problem.message[0] == '\0'
                   ? ts_yaml_no_memory(error)
                   : ts_document_refuse(document, THIS_ASSIGNMENT, "", error, "%s", problem.message);
    *value = yaml_document_get_root_node(&yaml) ? ts_yaml_copy(&document->yaml, &yaml, 1)
                                                : ts_yaml_add_scalar(&document->yaml, "", 0, YAML_PLAIN_SCALAR_STYLE);
    yaml_document_delete(&yaml);
    return *value == 0 ? ts_yaml_no_memory(error) : TS_OK;
}

/* Where a path has led so far. */
typedef struct position {
    int node;
    const ts_key *key;
} position;

/* Can a path lead on from a node? Not from a single value, in whose place a mapping may stand. */
static bool leads_on(ts_document *document, int node) {
    return yaml_document_get_node(&document->yaml, node)->type != YAML_SCALAR_NODE;
}

/* Step into the pair with this key. `value` becomes its value; 0 keeps the list or mapping it has, or makes an empty
 * one. */
static ts_status enter_key(ts_document *document, position *at, const ts_path_part *part, int value, ts_error *error) {
    const ts_key *key = ts_key_find(at->key, part->name, part->length);
    if (!key)
        return ts_config_refuse_unknown(document, THIS_ASSIGNMENT, "", at->key, error);
    const yaml_node_pair_t *present = ts_document_pair(document, at->node, part->name, part->length);
    if (present && value == 0 && leads_on(document, present->value)) {
        *at = (position){.node = present->value, .key = key};
        return TS_OK;
    }
    if (value == 0)
        value = key->kind == TS_KEY_LIST ? yaml_document_add_sequence(&document->yaml, NULL, YAML_FLOW_SEQUENCE_STYLE)
                                         : yaml_document_add_mapping(&document->yaml, NULL, YAML_FLOW_MAPPING_STYLE);
    /* The name is a new node too: it is the place to blame for the value. */
    const int name = ts_yaml_add_scalar(&document->yaml, part->name, part->length, YAML_PLAIN_SCALAR_STYLE);
    yaml_node_pair_t *old = ts_document_pair(document, at->node, part->name, part->length);
    bool good = value != 0 && name != 0;
    if (good && old)
        *old = (yaml_node_pair_t){.key = name, .value = value};
    else if (good)
        good = yaml_document_append_mapping_pair(&document->yaml, at->node, name, value);
    *at = (position){.node = value, .key = key};
    return good ? TS_OK : ts_yaml_no_memory(error);
}

/* Step into a list entry, which becomes `value` unless that is 0. */
static ts_status enter_index(ts_document *document, position *at, size_t index, int value, ts_error *error) {
    const yaml_node_t *list = yaml_document_get_node(&document->yaml, at->node);
    const size_t count = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
    if (index >= count)
        return ts_document_refuse(document, THIS_ASSIGNMENT, "", error,
                                  "found index %zu, allowed are the %zu entries of the list, from [0]", index, count);
    yaml_node_item_t *item = list->data.sequence.items.start + index;
    if (value != 0)
        *item = value;
    *at = (position){.node = *item, .key = ts_key_entry(at->key)};
    return TS_OK;
}

ts_status ts_config_assign(ts_document *document, size_t number, ts_error *error) {
    const char *rest = document->assignments[number];
    const char *end = strchr(rest, '=');
    if (!end)
        return ts_document_refuse(document, THIS_ASSIGNMENT, "", error, "found no '=', allowed is KEY=VALUE");
    int value = 0;
    ts_status status = add_value(document, end + 1, &value, error);
    position at = {.node = 1, .key = ts_key_root};
    ts_path_part part;
    for (bool more = true; status == TS_OK && more;) {
        more = ts_path_next(&rest, end, &part) && rest < end;
        const int last = more ? 0 : value;
        if (ts_key_may_be_mapping(at.key) && part.name)
            status = enter_key(document, &at, &part, last, error);
        else if (at.key->kind == TS_KEY_LIST && !part.name)
            status = enter_index(document, &at, part.index, last, error);
        else
            status = ts_config_refuse_unknown(document, THIS_ASSIGNMENT, "", at.key, error);
    }
    if (status == TS_OK)
        ts_document_assigned(document, number);
    return status;
}
