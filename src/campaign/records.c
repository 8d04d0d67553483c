#include "campaign/records.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BYTES 8
#define HEAD_BYTES 24 /* kind and cell in 4 bytes each, first and size in 8 */

void ts_records_free(ts_records *records) {
    free(records->bytes);
    *records = (ts_records){0};
}

void ts_records_clear(ts_records *records) {
    const ts_records empty = {.bytes = records->bytes, .room = records->room};
    *records = empty;
}

/* ---- writing */

/* Room for `count` more bytes, which are there from now on; NULL: there is none. */
static uint8_t *extend(ts_records *records, size_t count) {
    if (records->incomplete)
        return NULL;
    if (count > records->room - records->size) {
        const size_t needed = records->size + count;
        const size_t room = needed > 2 * records->room ? needed : 2 * records->room;
        uint8_t *grown = realloc(records->bytes, room);
        records->incomplete = !grown;
        if (!grown)
            return NULL;
        records->bytes = grown;
        records->room = room;
    }
    records->size += count;
    return records->bytes + records->size - count;
}

static void store(uint8_t *to, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t load(const uint8_t *from, int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << 8 * i;
    return value;
}

static void store_head(uint8_t *to, uint32_t kind, uint32_t cell, uint64_t first, uint64_t size) {
    store(to, kind, 4);
    store(to + 4, cell, 4);
    store(to + 8, first, WORD_BYTES);
    store(to + 16, size, WORD_BYTES);
}

void ts_records_begin(ts_records *records, ts_record_kind kind, uint32_t cell, uint64_t first) {
    records->open = records->size;
    uint8_t *head = extend(records, HEAD_BYTES);
    if (head)
        store_head(head, (uint32_t)kind, cell, first, 0);
}

void ts_records_end(ts_records *records) {
    if (records->incomplete)
        return;
    store(records->bytes + records->open + 16, records->size - records->open - HEAD_BYTES, WORD_BYTES);
    records->count++;
}

void ts_records_add(ts_records *records, const ts_record *record) {
    uint8_t *to = extend(records, HEAD_BYTES + record->size);
    if (!to)
        return;
    store_head(to, record->kind, record->cell, record->first, record->size);
    if (record->size > 0)
        memcpy(to + HEAD_BYTES, record->bytes, record->size);
    records->count++;
}

/* Seven bits a byte, the low ones first; the highest bit says that there are more. */
void ts_records_put_count(ts_records *records, uint64_t value) {
    uint8_t bytes[10];
    size_t count = 0;
    for (; value > 0x7f; value >>= 7)
        bytes[count++] = (uint8_t)(0x80 | (value & 0x7f));
    bytes[count++] = (uint8_t)value;
    ts_records_put_bytes(records, bytes, count);
}

/* Behind a 0 comes how many more of them follow. */
void ts_records_put_counts(ts_records *records, const uint64_t *value, size_t count) {
    for (size_t i = 0; i < count; i++) {
        ts_records_put_count(records, value[i]);
        if (value[i] != 0)
            continue;
        size_t more = 0;
        while (i + 1 < count && value[i + 1] == 0) {
            more++;
            i++;
        }
        ts_records_put_count(records, more);
    }
}

void ts_records_put_word(ts_records *records, uint64_t value) {
    uint8_t *to = extend(records, WORD_BYTES);
    if (to)
        store(to, value, WORD_BYTES);
}

void ts_records_put_bytes(ts_records *records, const uint8_t *bytes, size_t count) {
    uint8_t *to = extend(records, count);
    if (to && count > 0)
        memcpy(to, bytes, count);
}

/* ---- reading */

bool ts_records_next(const uint8_t *bytes, size_t size, size_t *at, ts_record *record) {
    if (size - *at < HEAD_BYTES)
        return false;
    const uint8_t *head = bytes + *at;
    const uint64_t length = load(head + 16, WORD_BYTES);
    if (length > size - *at - HEAD_BYTES)
        return false;
    *record = (ts_record){.kind = (uint32_t)load(head, 4),
                          .cell = (uint32_t)load(head + 4, 4),
                          .first = load(head + 8, WORD_BYTES),
                          .bytes = head + HEAD_BYTES,
                          .size = length};
    *at += HEAD_BYTES + length;
    return true;
}

ts_reading ts_record_read(const ts_record *record) {
    return (ts_reading){.at = record->bytes, .end = record->bytes + record->size};
}

const uint8_t *ts_reading_bytes(ts_reading *reading, size_t count) {
    if (reading->failed || count > (size_t)(reading->end - reading->at)) {
        reading->failed = true;
        return NULL;
    }
    reading->at += count;
    return reading->at - count;
}

uint64_t ts_reading_word(ts_reading *reading) {
    const uint8_t *bytes = ts_reading_bytes(reading, WORD_BYTES);
    return bytes ? load(bytes, WORD_BYTES) : 0;
}

uint64_t ts_reading_count(ts_reading *reading) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        const uint8_t *byte = ts_reading_bytes(reading, 1);
        if (!byte)
            return 0;
        value |= (uint64_t)(*byte & 0x7f) << shift;
        if (!(*byte & 0x80))
            return value;
    }
    reading->failed = true;
    return 0;
}

void ts_reading_counts(ts_reading *reading, uint64_t *value, size_t count) {
    for (size_t i = 0; i < count; i++) {
        value[i] = ts_reading_count(reading);
        if (value[i] != 0 || reading->failed)
            continue;
        const uint64_t more = ts_reading_count(reading);
        reading->failed |= more > count - i - 1;
        if (reading->failed)
            continue;
        memset(value + i + 1, 0, more * sizeof *value);
        i += more;
    }
    if (reading->failed)
        memset(value, 0, count * sizeof *value);
}

uint64_t ts_reading_length(ts_reading *reading, size_t least) {
    const uint64_t length = ts_reading_count(reading);
    if (length > (size_t)(reading->end - reading->at) / least)
        reading->failed = true;
    return reading->failed ? 0 : length;
}

bool ts_reading_ends(const ts_reading *reading) {
    return !reading->failed && reading->at == reading->end;
}
