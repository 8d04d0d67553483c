#include "campaign/store.h"

#include "base/fail.h"
#include "campaign/beside.h"
#include "io/config/config.h"
#include "io/target.h"
#include "io/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define FORMAT 1               /* of the file: user_version; whoever changes the tables or the records changes it */
#define APPLICATION 0x7473636b /* application_id: "tsck" */
#define LEAST_PACKED 200       /* bytes of a record from which on it is compressed */

#define ENDING ".checkpoint"
#define JOURNAL "-journal" /* SQLite's own, behind the name */

struct ts_store {
    ts_store_identity identity;
    int folder;              /* open */
    char name[NAME_MAX + 1]; /* in it */
    char *path;              /* as in messages */
    sqlite3 *database;       /* open, or NULL */
    sqlite3_stmt *insert;    /* of a record, while a snapshot is written; else NULL */
    bool known;              /* has the file been read or written? Then it is this one: */
    dev_t device;            /* its place */
    ino_t inode;             /* and its number there */
    bool has_others;         /* parts other than 0 were read */
    bool stale;              /* what was written may not be there */
    uint32_t part;           /* whose snapshot is being written */
    int code;                /* SQLite's, of the first call of it that failed; SQLITE_OK: none has */
    char reason[160];        /* why */
    uint8_t *packed;         /* [room] of a record */
    size_t room;
};

/* ---- the file */

/* The name of the journal that SQLite keeps while it writes. */
static void name_journal(const ts_store *store, char name[NAME_MAX + 1]) {
    const size_t length = strlen(store->name);
    memcpy(name, store->name, length);
    strcpy(name + length, JOURNAL);
}

/* The name of a checkpoint, to which SQLite adds that of its journal. One that would be too long is cut at a character,
 * and told from others by a checksum. */
static void set_name(ts_store *store, const char *result) {
    const size_t most = NAME_MAX - strlen(ENDING) - strlen(JOURNAL);
    size_t length = strlen(result);
    char sum[16] = "";
    if (length > most) {
        snprintf(sum, sizeof sum, "-%08lx", crc32(0, (const Bytef *)result, (uInt)length));
        for (length = most - strlen(sum); length > 0 && ((unsigned char)result[length] & 0xc0) == 0x80;)
            length--;
    }
    snprintf(store->name, sizeof store->name, "%.*s%s%s", (int)length, result, sum, ENDING);
}

ts_status ts_store_open(ts_store **result, const char *output, const ts_store_identity *identity, ts_error *error) {
    ts_target target;
    *result = NULL;
    ts_status status = ts_target_find(&target, output, TS_INVALID, error);
    ts_store *store = status == TS_OK ? calloc(1, sizeof *store) : NULL;
    if (store) {
        store->identity = *identity;
        store->folder = fcntl(target.folder, F_DUPFD_CLOEXEC, 0);
        set_name(store, target.name);
        if (asprintf(&store->path, "%.*s%s", (int)(target.name - target.file), target.file, store->name) < 0)
            store->path = NULL;
    }
    ts_target_free(&target);
    if (store && store->path && store->folder >= 0) {
        *result = store;
        return TS_OK;
    }
    ts_store_close(store);
    return status == TS_OK ? ts_fail(error, TS_FAILED, "", "not enough memory for a checkpoint") : status;
}

static void disconnect(ts_store *store) {
    sqlite3_finalize(store->insert);
    sqlite3_close(store->database);
    store->insert = NULL;
    store->database = NULL;
}

void ts_store_close(ts_store *store) {
    if (!store)
        return;
    disconnect(store);
    if (store->folder >= 0)
        close(store->folder);
    free(store->packed);
    free(store->path);
    free(store);
}

const char *ts_store_path(const ts_store *store) {
    return store->path;
}

/* What the system said to a file of SQLite's; 0: nothing. */
static int errno_of(sqlite3_file *file) {
    int code = 0;
    if (file && file->pMethods)
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &code);
    return code;
}

/* The same of the database, by whatever of it has failed. */
static int system_error(sqlite3 *database) {
    sqlite3_file *main = NULL, *journal = NULL;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&main);
    sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&journal);
    const int code = errno_of(journal) != 0 ? errno_of(journal) : errno_of(main);
    return code != 0 ? code : sqlite3_system_errno(database);
}

/* Remember the first failure of the database. */
static bool succeeds(ts_store *store, int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
        return store->code == SQLITE_OK;
    if (store->code != SQLITE_OK)
        return false;
    store->code = code & 0xff;
    const bool is_of_system = store->code == SQLITE_IOERR || store->code == SQLITE_CANTOPEN;
    const int system = is_of_system && store->database ? system_error(store->database) : 0;
    const char *reason = store->code == SQLITE_FULL ? strerror(ENOSPC)
                         : system != 0              ? strerror(system)
                         : store->database          ? sqlite3_errmsg(store->database)
                                                    : sqlite3_errstr(code);
    snprintf(store->reason, sizeof store->reason, "%s", reason);
    return false;
}

/* Remember a failure that is not the database's. */
static bool fails(ts_store *store, const char *reason) {
    if (store->code == SQLITE_OK) {
        store->code = SQLITE_ERROR;
        snprintf(store->reason, sizeof store->reason, "%s", reason);
    }
    return false;
}

static bool execute(ts_store *store, const char *sql) {
    return succeeds(store, store->code) && succeeds(store, sqlite3_exec(store->database, sql, NULL, NULL, NULL));
}

/* Power may fail at any instant: the journal is on the disk before the database is touched, and gone for good before
 * the next one begins. Nothing is made in other folders. */
static bool connect(ts_store *store, int flags) {
    store->code = SQLITE_OK;
    return succeeds(store, ts_open_beside(store->folder, store->name, flags, &store->database)) &&
           execute(store, "PRAGMA synchronous = EXTRA; PRAGMA temp_store = MEMORY;");
}

/* ---- reading */

/* The first value of an answer, as a number; `otherwise` where there is none. */
static sqlite3_int64 number_of(ts_store *store, const char *sql, sqlite3_int64 otherwise) {
    sqlite3_stmt *statement = NULL;
    sqlite3_int64 value = otherwise;
    if (succeeds(store, sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL))) {
        const int code = sqlite3_step(statement);
        if (succeeds(store, code) && code == SQLITE_ROW)
            value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

/* The same as a text, which the caller frees; NULL where there is none. */
static char *text_of(ts_store *store, const char *sql) {
    sqlite3_stmt *statement = NULL;
    char *value = NULL;
    if (succeeds(store, sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL))) {
        const int code = sqlite3_step(statement);
        if (succeeds(store, code) && code == SQLITE_ROW && sqlite3_column_text(statement, 0))
            value = strdup((const char *)sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    return value;
}

static ts_status refuse(const ts_store *store, ts_error *error, const char *reason) {
    return ts_fail(error, TS_INVALID, "", "cannot go on from %s: %s; --fresh begins anew without it",
                   ts_text_path(store->path), reason);
}

/* Of a database that could not be read. */
static ts_status refuse_unread(ts_store *store, ts_error *error) {
    char reason[224];
    if (store->code == SQLITE_NOTADB)
        return refuse(store, error, "it is no checkpoint of timescape");
    if (store->code == SQLITE_CORRUPT || store->code == SQLITE_ERROR) {
        snprintf(reason, sizeof reason, "it is damaged (%s)", store->reason);
        return refuse(store, error, reason);
    }
    return ts_fail(error, TS_FAILED, "", "cannot read %s: %s", ts_text_path(store->path), store->reason);
}

/* Is it one of ours, whole, and of a format that this program knows? */
static ts_status check_format(ts_store *store, ts_error *error) {
    char reason[160];
    const sqlite3_int64 application = number_of(store, "PRAGMA application_id", 0);
    const sqlite3_int64 format = number_of(store, "PRAGMA user_version", 0);
    if (store->code != SQLITE_OK)
        return refuse_unread(store, error);
    if (application != APPLICATION)
        return refuse(store, error, "it is no checkpoint of timescape");
    if (format != FORMAT) {
        snprintf(reason, sizeof reason, "another version of timescape wrote it (format %lld; this one has format %d)",
                 (long long)format, FORMAT);
        return refuse(store, error, reason);
    }
    char *answer = text_of(store, "PRAGMA quick_check(1)");
    const bool whole = store->code == SQLITE_OK && answer && strcmp(answer, "ok") == 0;
    if (!whole && store->code == SQLITE_OK)
        fails(store, answer ? answer : "it does not say of what");
    free(answer);
    return whole ? TS_OK : refuse_unread(store, error);
}

static void describe_part(char *text, size_t size, uint32_t part, uint32_t parts) {
    if (parts == 0)
        snprintf(text, size, "the whole sweep");
    else
        snprintf(text, size, "part %u of %u", part, parts);
}

/* Were its trainings computed as this run's would be? */
static ts_status check_numbers(ts_store *store, ts_error *error) {
    const char *arithmetic = ts_arithmetic_words[store->identity.arithmetic];
    char reason[256] = "", its[32], ours[32];
    const sqlite3_int64 version = number_of(store, "SELECT value FROM meta WHERE key = 'arithmetic_version'", 0);
    const sqlite3_int64 part = number_of(store, "SELECT value FROM meta WHERE key = 'part'", 0);
    const sqlite3_int64 parts = number_of(store, "SELECT value FROM meta WHERE key = 'parts'", 0);
    char *computed = text_of(store, "SELECT value FROM meta WHERE key = 'arithmetic'");
    describe_part(its, sizeof its, (uint32_t)part, (uint32_t)parts);
    describe_part(ours, sizeof ours, store->identity.part, store->identity.parts);
    if (store->code == SQLITE_OK && !computed)
        fails(store, "it does not say what it is of");
    if (computed && version != TS_ARITHMETIC_VERSION)
        snprintf(reason, sizeof reason,
                 "its trainings were computed by version %lld of the arithmetic, and this program has version %d",
                 (long long)version, TS_ARITHMETIC_VERSION);
    else if (computed && strcmp(computed, arithmetic) != 0)
        snprintf(reason, sizeof reason, "its trainings were computed in %.32s, and this run computes in %s", computed,
                 arithmetic);
    else if (part != store->identity.part || parts != store->identity.parts)
        snprintf(reason, sizeof reason, "it is of %s, and this run of %s", its, ours);
    free(computed);
    if (store->code != SQLITE_OK)
        return refuse_unread(store, error);
    return reason[0] ? refuse(store, error, reason) : TS_OK;
}

static ts_status check_configuration(ts_store *store, ts_error *error) {
    char *text = text_of(store, "SELECT value FROM meta WHERE key = 'configuration'");
    char difference[160], reason[224];
    ts_status status = TS_OK;
    if (store->code == SQLITE_OK && !text)
        fails(store, "it does not say what it is of");
    if (store->code != SQLITE_OK)
        status = refuse_unread(store, error);
    else if (strcmp(text, store->identity.configuration) != 0 &&
             ts_config_difference(text, store->identity.configuration, difference, sizeof difference)) {
        snprintf(reason, sizeof reason, "it is of another configuration (%s)", difference);
        status = refuse(store, error, reason);
    }
    free(text);
    return status;
}

/* Room for a record. */
static bool make_room(ts_store *store, size_t size) {
    if (size <= store->room)
        return true;
    uint8_t *grown = realloc(store->packed, size);
    if (!grown)
        return fails(store, "not enough memory for a part of it");
    store->packed = grown;
    store->room = size;
    return true;
}

/* The record of a row: kind, cell, first, size, checksum, content. */
static bool unpack(ts_store *store, sqlite3_stmt *row, ts_record *record) {
    const size_t length = (size_t)sqlite3_column_bytes(row, 5), size = (size_t)sqlite3_column_int64(row, 3);
    const uint8_t *content = sqlite3_column_blob(row, 5);
    uLongf unpacked = size;
    *record = (ts_record){.kind = (uint32_t)sqlite3_column_int64(row, 0),
                          .cell = (uint32_t)sqlite3_column_int64(row, 1),
                          .first = (uint64_t)sqlite3_column_int64(row, 2),
                          .bytes = content,
                          .size = size};
    if (size != length) {
        if (size / 1100 > length || !make_room(store, size)) /* nothing is packed closer than that */
            return fails(store, "a part of it is too short");
        if (uncompress(store->packed, &unpacked, content, length) != Z_OK || unpacked != size)
            return fails(store, "a part of it cannot be unpacked");
        record->bytes = store->packed;
    }
    const uLong sum = crc32_z(0, record->bytes, size);
    return sum == (uLong)sqlite3_column_int64(row, 4) || fails(store, "the checksum of a part of it is wrong");
}

static ts_status visit_all(ts_store *store, ts_store_visit *visit, void *context, ts_error *error) {
    static const char all[] =
        "SELECT kind, cell, first, size, checksum, content FROM record ORDER BY kind, cell, first";
    sqlite3_stmt *rows = NULL;
    ts_status status = TS_OK;
    int code = sqlite3_prepare_v2(store->database, all, -1, &rows, NULL);
    while (succeeds(store, code) && status == TS_OK) {
        ts_record record;
        code = sqlite3_step(rows);
        if (code != SQLITE_ROW || !unpack(store, rows, &record))
            break;
        status = visit(context, &record, error);
    }
    if (status == TS_OK)
        succeeds(store, code);
    sqlite3_finalize(rows);
    if (status == TS_INVALID) {
        ts_error why = *error;
        char reason[224];
        snprintf(reason, sizeof reason, "it is damaged (%.200s)", why.message);
        return refuse(store, error, reason);
    }
    return status == TS_OK && store->code != SQLITE_OK ? refuse_unread(store, error) : status;
}

static ts_status read_all(ts_store *store, ts_store_visit *visit, void *context, bool *found, ts_error *error) {
    if (!connect(store, SQLITE_OPEN_READWRITE))
        return refuse_unread(store, error);
    const sqlite3_int64 pages = number_of(store, "PRAGMA page_count", 0);
    *found = pages > 0; /* else it ended before its first snapshot was complete */
    if (store->code != SQLITE_OK)
        return refuse_unread(store, error);
    if (!*found)
        return TS_OK;
    ts_status status = check_format(store, error);
    if (status == TS_OK)
        status = check_numbers(store, error);
    if (status == TS_OK)
        status = check_configuration(store, error);
    if (status == TS_OK)
        status = visit_all(store, visit, context, error);
    store->has_others = number_of(store, "SELECT max(part) FROM record", 0) > 0;
    return status;
}

/* What stands there now. Returns 0 or an errno. */
static int look(const ts_store *store, struct stat *found) {
    return fstatat(store->folder, store->name, found, 0) == 0 ? 0 : errno;
}

static void remember(ts_store *store, const struct stat *found) {
    store->known = true;
    store->device = found->st_dev;
    store->inode = found->st_ino;
}

ts_status ts_store_load(ts_store *store, ts_store_visit *visit, void *context, bool *found, ts_error *error) {
    struct stat there;
    const int code = look(store, &there);
    *found = false;
    if (code == ENOENT)
        return TS_OK;
    if (code != 0)
        return ts_fail(error, TS_FAILED, "", "cannot read %s: %s", ts_text_path(store->path), strerror(code));
    if (!S_ISREG(there.st_mode))
        return ts_fail(error, TS_INVALID, "", "cannot go on from %s: it is not a regular file",
                       ts_text_path(store->path));
    const char *protection = ts_target_protection(store->folder, store->name, &there);
    if (protection)
        return ts_fail(error, TS_INVALID, "", "cannot go on from %s: %s", ts_text_path(store->path), protection);
    const ts_status status = read_all(store, visit, context, found, error);
    if (status == TS_OK)
        remember(store, &there);
    disconnect(store);
    return status;
}

/* ---- writing */

bool ts_store_is_there(const ts_store *store) {
    struct stat there;
    return store->known && look(store, &there) == 0 && there.st_dev == store->device && there.st_ino == store->inode;
}

bool ts_store_holds(ts_store *store) {
    return ts_store_is_there(store) && !store->stale && !store->has_others;
}

/* Make an empty file, which must not be there: what another has put there is none of ours. */
static bool make_file(ts_store *store) {
    struct stat made;
    char journal[NAME_MAX + 1];
    name_journal(store, journal);
    const int file = openat(store->folder, store->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0)
        return fails(store, strerror(errno));
    unlinkat(store->folder, journal, 0); /* of a file that has been removed */
    const bool seen = fstat(file, &made) == 0;
    close(file);
    if (seen)
        remember(store, &made);
    return seen || fails(store, strerror(EIO));
}

static bool insert_text(ts_store *store, const char *key, const char *value) {
    sqlite3_stmt *statement = NULL;
    bool fine =
        succeeds(store, sqlite3_prepare_v2(store->database, "INSERT INTO meta VALUES (?, ?)", -1, &statement, NULL)) &&
        succeeds(store, sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC)) &&
        succeeds(store, sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC)) &&
        succeeds(store, sqlite3_step(statement));
    sqlite3_finalize(statement);
    return fine;
}

/* Tables of a new file, and what it is of. */
static bool make_tables(ts_store *store) {
    char sql[768], program[64];
    snprintf(program, sizeof program, "timescape %s (%.32s)", ts_version(), ts_commit());
    snprintf(sql, sizeof sql,
             "PRAGMA application_id = %d; PRAGMA user_version = %d;"
             "CREATE TABLE meta (key TEXT PRIMARY KEY, value);"
             "CREATE TABLE record (part INTEGER, kind INTEGER, cell INTEGER, first INTEGER, size INTEGER,"
             " checksum INTEGER, content BLOB, PRIMARY KEY (part, kind, cell, first));"
             "INSERT INTO meta VALUES ('arithmetic_version', %d), ('part', %u), ('parts', %u);",
             APPLICATION, FORMAT, TS_ARITHMETIC_VERSION, store->identity.part, store->identity.parts);
    return execute(store, sql) && insert_text(store, "program", program) &&
           insert_text(store, "arithmetic", ts_arithmetic_words[store->identity.arithmetic]) &&
           insert_text(store, "configuration", store->identity.configuration);
}

/* Remove what a snapshot takes the place of. */
static bool make_way(ts_store *store, uint32_t part, bool whole) {
    char sql[96] = "DELETE FROM record";
    if (part == TS_STORE_ALL)
        return execute(store, sql);
    if (!whole)
        snprintf(sql, sizeof sql, "DELETE FROM record WHERE part = %u AND kind = %d", part, TS_RECORD_WAYPOINT);
    else if (!store->has_others)
        snprintf(sql, sizeof sql, "DELETE FROM record WHERE part = %u", part);
    return execute(store, sql);
}

void ts_store_begin(ts_store *store, uint32_t part, bool whole) {
    static const char insert[] = "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?)";
    store->code = SQLITE_OK;
    store->part = part == TS_STORE_ALL ? 0 : part;
    if (store->has_others && (store->part > 0 || !whole)) {
        fails(store, "what was read of it has not been written yet");
        return;
    }
    if (!ts_store_is_there(store)) {
        disconnect(store);
        if (!whole)
            fails(store, "it has been removed");
        if (!whole || !make_file(store))
            return;
    }
    if (!store->database && !connect(store, SQLITE_OPEN_READWRITE))
        return;
    const bool fine = execute(store, "BEGIN IMMEDIATE") &&
                      (number_of(store, "SELECT count(*) FROM sqlite_master", 0) > 0 || make_tables(store)) &&
                      make_way(store, part, whole);
    if (fine)
        succeeds(store, sqlite3_prepare_v2(store->database, insert, -1, &store->insert, NULL));
}

/* Compress a record where that makes it shorter. Networks are random words, which take time and stay as they are. */
static bool pack(ts_store *store, ts_record *record) {
    uLongf packed = compressBound(record->size);
    const bool is_of_counts = record->kind == TS_RECORD_CELL || record->kind == TS_RECORD_LIMITS;
    if (record->size < LEAST_PACKED || !is_of_counts)
        return true;
    if (!make_room(store, packed))
        return false;
    if (compress2(store->packed, &packed, record->bytes, record->size, Z_BEST_SPEED) == Z_OK && packed < record->size) {
        record->bytes = store->packed;
        record->size = packed;
    }
    return true;
}

static bool put(ts_store *store, const ts_record *record) {
    sqlite3_stmt *insert = store->insert;
    ts_record packed = *record;
    const bool fine =
        pack(store, &packed) && succeeds(store, sqlite3_bind_int64(insert, 1, store->part)) &&
        succeeds(store, sqlite3_bind_int64(insert, 2, record->kind)) &&
        succeeds(store, sqlite3_bind_int64(insert, 3, record->cell)) &&
        succeeds(store, sqlite3_bind_int64(insert, 4, (sqlite3_int64)record->first)) &&
        succeeds(store, sqlite3_bind_int64(insert, 5, (sqlite3_int64)record->size)) &&
        succeeds(store, sqlite3_bind_int64(insert, 6, (sqlite3_int64)crc32_z(0, record->bytes, record->size))) &&
        succeeds(store, sqlite3_bind_blob64(insert, 7, packed.bytes, packed.size, SQLITE_STATIC)) &&
        succeeds(store, sqlite3_step(insert));
    sqlite3_reset(insert);
    return fine;
}

void ts_store_put(ts_store *store, const ts_records *records) {
    ts_record record;
    if (records->incomplete)
        fails(store, "not enough memory for what is to be written");
    for (size_t at = 0; store->code == SQLITE_OK && ts_records_next(records->bytes, records->size, &at, &record);)
        put(store, &record);
}

/* A file that was made, and got nothing, is not left behind. */
static void remove_empty(const ts_store *store) {
    struct stat there;
    if (ts_store_is_there(store) && look(store, &there) == 0 && there.st_size == 0)
        unlinkat(store->folder, store->name, 0);
}

ts_status ts_store_commit(ts_store *store, ts_error *error) {
    const bool fine = execute(store, "COMMIT");
    sqlite3_finalize(store->insert);
    store->insert = NULL;
    if (store->part == 0)
        store->stale = !fine; /* what comes from others is kept by the caller until it is written */
    if (fine) {
        if (store->part == 0)
            store->has_others = false;
        return TS_OK;
    }
    disconnect(store); /* whatever state it is in: the next one begins with what is on the disk */
    remove_empty(store);
    return ts_fail(error, TS_FAILED, "", "cannot write %s: %s", ts_text_path(store->path), store->reason);
}

ts_status ts_store_remove(ts_store *store, ts_error *error) {
    struct stat there;
    char journal[NAME_MAX + 1];
    const char *shown = ts_text_path(store->path);
    name_journal(store, journal);
    disconnect(store);
    store->known = store->has_others = false;
    const int code = look(store, &there);
    if (code == ENOENT)
        return TS_OK;
    if (code != 0 || !S_ISREG(there.st_mode))
        return ts_fail(error, TS_INVALID, "", "cannot remove %s: %s", shown,
                       code != 0 ? strerror(code) : "it is not a regular file");
    const char *protection = ts_target_protection(store->folder, store->name, &there);
    if (protection)
        return ts_fail(error, TS_INVALID, "", "cannot remove %s: %s", shown, protection);
    if (unlinkat(store->folder, store->name, 0) != 0)
        return ts_fail(error, TS_FAILED, "", "cannot remove %s: %s", shown, strerror(errno));
    unlinkat(store->folder, journal, 0);
    (void)fsync(store->folder);
    return TS_OK;
}
