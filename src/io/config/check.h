/* The document against the keys that there are. Inside src/io/config only. */
#ifndef TS_IO_CONFIG_CHECK_H
#define TS_IO_CONFIG_CHECK_H

#include "io/config/document.h"
#include "io/config/schema.h"

/* Refuse what schema.c does not have, or not with such a value, and rewrite whole numbers such as 1e6 as 1000000. Keys
 * may be missing unless `complete`. */
ts_status ts_config_check(ts_document *document, bool complete, ts_error *error);

/* Refuse the key at `place`, which a value of key `above` does not have. */
ts_status ts_config_refuse_unknown(const ts_document *document, int place, const char *key, const ts_key *above,
                                   ts_error *error);

#endif
