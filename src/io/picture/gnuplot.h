/* gnuplot as a child process: a script goes in, the bytes of a picture come out. */
#ifndef TS_IO_PICTURE_GNUPLOT_H
#define TS_IO_PICTURE_GNUPLOT_H

#include <timescape.h>

#include <stdio.h>

/* A picture that takes long keeps its processor busy; gnuplot is given up after so many seconds in which it did
 * nothing. */
#define TS_GNUPLOT_PATIENCE 120

/* Prints the script of `picture`. False: no memory. */
typedef bool ts_gnuplot_script(FILE *script, const void *picture);

/* Run gnuplot on the script that `print` prints, which sets the terminal and no output. It ends with this process, and
 * when it does nothing for `patience` seconds. On success *bytes [*size] are the caller's to free. TS_FAILED, with what
 * gnuplot said. */
ts_status ts_gnuplot_run(ts_gnuplot_script *print, const void *picture, double patience, char **bytes, size_t *size,
                         ts_error *error);

/* Print `text` [bytes], valid UTF-8, as a string constant that stands for it in any place: no character of it means
 * something to gnuplot's reader. What draws the string must still be told not to look for markup (noenhanced). */
void ts_gnuplot_string(FILE *script, const char *text, size_t bytes);

#endif
