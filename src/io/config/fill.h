/* From the checked document to settings. Inside src/io/config only. */
#ifndef TS_IO_CONFIG_FILL_H
#define TS_IO_CONFIG_FILL_H

#include "io/config/document.h"

/* Fill *settings; what the document leaves out has its default. Refuses keys that do not go together, and everything
 * that ts_settings_validate refuses. The values of its axes and observations are the caller's to free, also after a
 * failure. Errors: TS_INVALID, TS_FAILED (memory). */
ts_status ts_config_fill(ts_settings *settings, ts_document *document, ts_error *error);

#endif
