/* What the pictures in plain text share. Inside src/io only. */
#ifndef TS_IO_PICTURE_TERMINAL_H
#define TS_IO_PICTURE_TERMINAL_H

#include <stdio.h>

#define TS_TERMINAL_MIN_COLUMNS 40 /* narrower terminals get lines of this width */

/* Print text broken into lines of at most `columns` characters. */
void ts_terminal_text(FILE *stream, const char *text, int columns);

/* `count` times `character`. */
void ts_terminal_repeat(FILE *stream, char character, int count);

#endif
