/* The keys of a configuration: one row each, in schema.c. Inside src/io/config only. */
#ifndef TS_IO_CONFIG_SCHEMA_H
#define TS_IO_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

typedef enum ts_key_kind {
    TS_KEY_MAPPING,
    TS_KEY_LIST,   /* a size_t, its length */
    TS_KEY_NUMBER, /* a double */
    TS_KEY_COUNT,  /* a uint64_t */
    TS_KEY_SWITCH, /* a bool */
    TS_KEY_CHOICE, /* an enum */
    TS_KEY_TEXT
} ts_key_kind;

typedef struct ts_key {
    const char *path; /* dotted; "": the configuration; "a[]": any entry of the list a */
    ts_key_kind kind;
    bool is_needed;
    const char *const *words; /* of a choice, by its value; NULL behind the last */
    unsigned least, most;     /* entries of a list; bytes of a text */
    bool is_setting;          /* does it fill a member of ts_settings as it is? */
    size_t offset;            /* of that member; an entry of a list fills an element of an array */
} ts_key;

extern const ts_key *const ts_key_root;

/* Is a mapping a value of this key? Of one that has keys below it, whatever else a value of it may be: a key of one
 * value with keys below it, as theory, is either. */
bool ts_key_may_be_mapping(const ts_key *key);

/* The keys of a mapping in the order in which messages name them: the first (`before` NULL), the one behind `before`,
 * and NULL behind the last. */
const ts_key *ts_key_next(const ts_key *mapping, const ts_key *before);

/* The key `name` [length] of a mapping. NULL: it has none of that name. */
const ts_key *ts_key_find(const ts_key *mapping, const char *name, size_t length);

/* That of the entries of a list. */
const ts_key *ts_key_entry(const ts_key *list);

/* The last part of its path. */
const char *ts_key_name(const ts_key *key);

/* What a value of this key can be, in words. */
void ts_key_print_allowed(char *to, size_t size, const ts_key *key);

/* Which keys can stand in such a value, in words. */
void ts_key_print_keys(char *to, size_t size, const ts_key *key);

#endif
