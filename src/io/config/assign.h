/* One --set KEY=VALUE, written into the document as if it stood in the file. Inside src/io/config only. */
#ifndef TS_IO_CONFIG_ASSIGN_H
#define TS_IO_CONFIG_ASSIGN_H

#include "io/config/document.h"

/* Apply assignment `number`, which may leave values that ts_config_check refuses. The document passes that check so
 * far, but for keys that are still missing. */
ts_status ts_config_assign(ts_document *document, size_t number, ts_error *error);

#endif
