/* Text that came from outside, made fit for attributes and pictures. */
#ifndef TS_IO_TEXT_H
#define TS_IO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A copy of `text` that is valid UTF-8 and has no control characters but line ends: bytes that are neither become '?'.
 * NULL gives "". Free it. NULL: no memory. */
char *ts_text_clean(const char *text);

/* Copy text into a message: control characters become '?', and what does not fit is cut at a character and marked. */
void ts_text_show(char *to, size_t size, const char *text, size_t length);

/* `path` as it stands in a message: its last part where it is so long that the reason behind it would be cut off. */
const char *ts_text_path(const char *path);

/* A number for a text of any length (FNV-1a), of which short names are made. */
uint64_t ts_text_hash(const char *text);

/* How wide a character (a code point) is, in some unit. */
typedef double ts_text_measure(uint32_t character);

ts_text_measure ts_text_columns; /* of a terminal */
ts_text_measure ts_text_ems;     /* sizes of type; rather too much than too little, as the typeface is not known */

/* Bytes of the next line of `text` (valid UTF-8) when lines are at most `width` wide: up to a line end, else to the
 * last blank that fits, else cut behind at least one character. *next is where the line after it begins. */
size_t ts_text_line(const char *text, double width, ts_text_measure *measure, const char **next);

/* Width of the first `bytes` bytes of valid UTF-8. */
double ts_text_width(const char *text, size_t bytes, ts_text_measure *measure);

/* Is there nothing to be seen? */
bool ts_text_is_blank(const char *text);

/* `value` with up to `digits` significant digits and without the zeros of an exponent: 0.004, 1e-5, 20. */
void ts_text_number(char *buffer, size_t size, double value, int digits);

/* The same in at most `width` characters where the exponential form allows it: 0.0032 or 3.2e-4. */
void ts_text_short_number(char *buffer, size_t size, double value, int digits, size_t width);

#endif
