/* gnuplot as a child process: a script goes in, the bytes of a picture come out. No shell is involved. */
#ifndef TS_IO_GNUPLOT_H
#define TS_IO_GNUPLOT_H

#include <timescape.h>

#include <stdio.h>

/* Run gnuplot on `script`, a regular file open for reading and writing (tmpfile), from its beginning. The script sets
 * the terminal and no output. On success *picture [*size] is the caller's to free. TS_FAILED with what gnuplot said. */
ts_status ts_gnuplot_run(FILE *script, char **picture, size_t *size, ts_error *error);

/* Print `text` [bytes] as a string constant that gnuplot takes as it is. It must hold no line end. */
void ts_gnuplot_string(FILE *script, const char *text, size_t bytes);

#endif
