/* SQLite for a file in an open folder. */
#ifndef TS_CAMPAIGN_BESIDE_H
#define TS_CAMPAIGN_BESIDE_H

#include <sqlite3.h>

/* Open the database `name` in `folder`, whatever characters the names have and however long the path is; make it where
 * `flags` (SQLITE_OPEN_) say so. Nothing is locked, since some file systems of clusters cannot. Returns an SQLite code;
 * *database is to be closed in any case. */
int ts_open_beside(int folder, const char *name, int flags, sqlite3 **database);

#endif
