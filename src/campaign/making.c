#include "campaign/making.h"

#include <stdlib.h>
#include <string.h>

#define MOST_THREADS 1e6 /* more no file says */

/* ---- lists */

#define BETWEEN ", "

/* The next entry of a list, whose length is put there; NULL behind the last. */
static const char *next_entry(const char *list, size_t *length) {
    const char *end = *list ? strstr(list, BETWEEN) : NULL;
    *length = end ? (size_t)(end - list) : strlen(list);
    return *list ? list : NULL;
}

static const char *behind(const char *entry, size_t length) {
    return entry[length] ? entry + length + strlen(BETWEEN) : entry + length;
}

/* In the order in which people number things: "2 of 64" before "10 of 64". */
static int compare(const char *a, size_t length_a, const char *b, size_t length_b) {
    char *first = strndup(a, length_a), *second = strndup(b, length_b);
    const int order = first && second ? strverscmp(first, second) : 0;
    free(first);
    free(second);
    return order;
}

static char *append(char *end, const char *entry, size_t length, bool is_first) {
    if (!is_first)
        end = stpcpy(end, BETWEEN);
    memcpy(end, entry, length);
    end[length] = '\0';
    return end + length;
}

/* The entries of both, each once, in order. NULL: no memory. */
static char *unite(const char *a, const char *b) {
    char *both = calloc(strlen(a) + strlen(b) + sizeof BETWEEN, 1), *end = both;
    size_t length_a, length_b;
    const char *from_a = next_entry(a, &length_a), *from_b = next_entry(b, &length_b);
    while (both && (from_a || from_b)) {
        const int order = !from_b ? -1 : !from_a ? 1 : compare(from_a, length_a, from_b, length_b);
        end = order <= 0 ? append(end, from_a, length_a, end == both) : append(end, from_b, length_b, end == both);
        if (order <= 0)
            from_a = next_entry(behind(from_a, length_a), &length_a);
        if (order >= 0)
            from_b = next_entry(behind(from_b, length_b), &length_b);
    }
    return both;
}

bool ts_making_has(const char *list, const char *entry) {
    size_t length;
    for (const char *at = next_entry(list, &length); at; at = next_entry(behind(at, length), &length))
        if (length == strlen(entry) && memcmp(at, entry, length) == 0)
            return true;
    return false;
}

/* ---- attributes */

static char *read_text(ts_reader *reader, const char *name) {
    if (ts_reader_has(reader, name))
        return ts_reader_string(reader, name);
    char *none = strdup("");
    if (!none)
        ts_reader_no_memory(reader);
    return none;
}

static double read_number(ts_reader *reader, const char *name, double most) {
    const double value = ts_reader_has(reader, name) ? ts_reader_number(reader, name) : 0;
    if (!(value >= 0 && value <= most))
        ts_reader_damaged(reader, "attribute", name, "not a number that it can be");
    return reader->status == TS_OK ? value : 0;
}

bool ts_making_read(ts_making *making, ts_reader *reader) {
    *making = (ts_making){.backend = read_text(reader, "backend"),
                          .host = read_text(reader, "host"),
                          .device = read_text(reader, "device"),
                          .instructions = read_text(reader, "instructions"),
                          .part = read_text(reader, "part"),
                          .threads = (int)read_number(reader, "threads", MOST_THREADS),
                          .devices = (int)read_number(reader, "devices", MOST_THREADS),
                          .wall_seconds = read_number(reader, "wall_seconds", 1e12)};
    return reader->status == TS_OK;
}

static bool add_text(char **sum, const char *part) {
    char *both = unite(*sum ? *sum : "", part);
    free(*sum);
    *sum = both;
    return both;
}

bool ts_making_add(ts_making *sum, const ts_making *part) {
    sum->threads = part->threads > sum->threads ? part->threads : sum->threads;
    sum->devices = part->devices > sum->devices ? part->devices : sum->devices;
    sum->wall_seconds += part->wall_seconds;
    return add_text(&sum->backend, part->backend) && add_text(&sum->host, part->host) &&
           add_text(&sum->device, part->device) && add_text(&sum->instructions, part->instructions) &&
           add_text(&sum->part, part->part);
}

void ts_making_free(ts_making *making) {
    free(making->backend);
    free(making->host);
    free(making->device);
    free(making->instructions);
    free(making->part);
    *making = (ts_making){0};
}
