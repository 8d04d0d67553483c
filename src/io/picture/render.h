/* From the script of a picture to its file. Inside src/io only. */
#ifndef TS_IO_PICTURE_RENDER_H
#define TS_IO_PICTURE_RENDER_H

#include "io/picture/gnuplot.h"

/* Does the ending of `path` stand for pictures that move (.gif)? */
bool ts_picture_moves(const char *path);

/* Can a picture be drawn to `path`? TS_INVALID when its ending stands for no format, or for one that moves unless
 * `moves` is set, which wants no other. */
ts_status ts_picture_check_path(const char *path, bool moves, ts_error *error);

/* Draw to `path`, which passed the check, what `print` prints without terminal and output; written under a temporary
 * name and renamed. `delay`: as in ts_picture_kind. Errors: TS_FAILED (memory, gnuplot missing or failing, disk). */
ts_status ts_picture_render(const char *path, ts_gnuplot_script *print, const void *picture, int delay,
                            ts_error *error);

#endif
