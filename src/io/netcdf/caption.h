/* The setting of a result in words. Inside src/io only. */
#ifndef TS_IO_NETCDF_CAPTION_H
#define TS_IO_NETCDF_CAPTION_H

#include "io/netcdf/reader.h"

/* Two lines of text, with a few words about what the file has of the setting; free it. NULL after a failure. */
char *ts_reader_caption(ts_reader *reader, const char *about);

/* Does the file say that trainings stopped at their first success? */
bool ts_reader_stops(ts_reader *reader);

#endif
