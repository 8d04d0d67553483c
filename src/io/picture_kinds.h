/* The kinds of pictures. Inside src/io only. */
#ifndef TS_IO_PICTURE_KINDS_H
#define TS_IO_PICTURE_KINDS_H

#include "io/picture.h"

#define TS_FEW_TRAININGS 16 /* cells with fewer finished trainings are marked */

/* Print the gnuplot script of a picture, without terminal and output. False: no memory. */
bool ts_picture_success(FILE *script, const ts_result *result);
bool ts_picture_loss(FILE *script, const ts_result *result, size_t neurons_index);

/* The same as text. `stream` takes its errors along. */
void ts_picture_print_success(FILE *stream, const ts_result *result, int columns, bool colour);
void ts_picture_print_loss(FILE *stream, const ts_result *result, size_t neurons_index, int columns, bool colour);

#endif
