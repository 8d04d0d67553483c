/* The kinds of pictures. Inside src/io only. */
#ifndef TS_IO_PICTURE_KINDS_H
#define TS_IO_PICTURE_KINDS_H

#include "io/picture.h"

#define TS_FEW_TRAININGS 16 /* cells with fewer finished trainings are marked */

/* Success rate [neurons_count] of the limit epsilon -> 0 to be drawn beside the cells: at the slow time of the horizon
 * where it is given, else when nothing moves any more. NULL: the file has none. */
const double *ts_picture_limit(const ts_result *result);

/* What it is, in words. */
void ts_picture_limit_text(char *text, size_t size, const ts_result *result);

/* Print the gnuplot script of a picture, without terminal and output. False: no memory. */
bool ts_picture_success(FILE *script, const ts_result *result);
bool ts_picture_agreement(FILE *script, const ts_result *result);
bool ts_picture_loss(FILE *script, const ts_result *result, size_t neurons_index);

/* The same as text. `stream` takes its errors along. */
void ts_picture_print_success(FILE *stream, const ts_result *result, int columns, bool colour);
void ts_picture_print_agreement(FILE *stream, const ts_result *result, int columns, bool colour);
void ts_picture_print_loss(FILE *stream, const ts_result *result, size_t neurons_index, int columns, bool colour);

#endif
