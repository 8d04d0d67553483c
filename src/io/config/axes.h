/* The axes of the grid, and the times of observations: lists, or ranges that are spread out here. Inside src/io/config
 * only. */
#ifndef TS_IO_CONFIG_AXES_H
#define TS_IO_CONFIG_AXES_H

#include "io/config/document.h"

/* Fill the axes, whose values are allocated, from a document that has been checked. Errors: TS_INVALID, TS_FAILED
 * (memory). */
ts_status ts_config_fill_axes(ts_settings *settings, ts_document *document, ts_error *error);

/* Fill the times of observations, which are allocated, where there are some. Errors: the same. */
ts_status ts_config_fill_observations(ts_settings *settings, ts_document *document, ts_error *error);

#endif
