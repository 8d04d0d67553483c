/* Pieces of a sweep as bytes, the same on every machine: what a checkpoint holds, and what processes tell each other.
 */
#ifndef TS_CAMPAIGN_RECORDS_H
#define TS_CAMPAIGN_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a record is of (snapshot.h). */
typedef enum ts_record_kind {
    TS_RECORD_CELL = 1, /* sums over the finished trainings of a cell, and which they are */
    TS_RECORD_KEPT,     /* final networks of some rows of a cell, from `first` on */
    TS_RECORD_WAYPOINT, /* where some trainings stand; cell 0, `first` counts these records */
    TS_RECORD_LIMITS,   /* of the starts of a column, which is `cell`, from `first` on */
    TS_RECORD_STATE     /* all that a next step would depend on, of some rows of a cell, from `first` on */
} ts_record_kind;

typedef struct ts_record {
    uint32_t kind; /* a ts_record_kind, where it is one that this program knows */
    uint32_t cell;
    uint64_t first;
    const uint8_t *bytes; /* [size] */
    size_t size;
} ts_record;

/* One record after the other in one piece of memory. */
typedef struct ts_records {
    uint8_t *bytes;  /* [size] */
    size_t size;     /* of all that is there */
    size_t room;     /* for so many bytes */
    size_t open;     /* where the record that is being written begins */
    size_t count;    /* of records */
    bool incomplete; /* there was not memory enough for all */
} ts_records;

void ts_records_free(ts_records *records);

/* Leave nothing in it, but the memory. */
void ts_records_clear(ts_records *records);

/* Write a record: its parts come in order between the two calls. */
void ts_records_begin(ts_records *records, ts_record_kind kind, uint32_t cell, uint64_t first);
void ts_records_end(ts_records *records);

/* One that is there already. */
void ts_records_add(ts_records *records, const ts_record *record);

/* Parts of a record: a number that tends to be small, many of which most are 0, a word of 64 bits, and bytes. */
void ts_records_put_count(ts_records *records, uint64_t value);
void ts_records_put_counts(ts_records *records, const uint64_t *value, size_t count);
void ts_records_put_word(ts_records *records, uint64_t value);
void ts_records_put_bytes(ts_records *records, const uint8_t *bytes, size_t count);

/* Step through the records in `bytes` [size], *at being 0 at first. False: there are no more, or the rest is none. */
bool ts_records_next(const uint8_t *bytes, size_t size, size_t *at, ts_record *record);

/* The parts of a record, as they were written. `failed`: there was less, or something else; all that is read is 0 from
 * then on. */
typedef struct ts_reading {
    const uint8_t *at, *end;
    bool failed;
} ts_reading;

ts_reading ts_record_read(const ts_record *record);
uint64_t ts_reading_count(ts_reading *reading);
void ts_reading_counts(ts_reading *reading, uint64_t *value, size_t count);
uint64_t ts_reading_word(ts_reading *reading);
const uint8_t *ts_reading_bytes(ts_reading *reading, size_t count); /* NULL where they are not there */

/* A number of things, each of which takes `least` bytes of what follows at least; more than can be there are none. */
uint64_t ts_reading_length(ts_reading *reading, size_t least);

/* Was all of it read, and nothing else? */
bool ts_reading_ends(const ts_reading *reading);

#endif
