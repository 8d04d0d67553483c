/* How wide text is: in columns of a terminal, and in print. */
#include "io/text.h"

#include <stdbool.h>

/* Blocks of Unicode whose characters stand over others, or are not seen. */
static const uint32_t unseen[][2] = {{0x300, 0x36f},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
                                     {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e},
                                     {0x2060, 0x2064}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
                                     {0xfeff, 0xfeff}};

/* Blocks whose characters take the room of two: East Asian scripts and pictures. */
static const uint32_t wide[][2] = {{0x1100, 0x115f},   {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},  {0xf900, 0xfaff},
                                   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                                   {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};

#define COUNT(blocks) (sizeof(blocks) / sizeof(blocks)[0])

static bool is_among(const uint32_t blocks[][2], size_t count, uint32_t character) {
    for (size_t k = 0; k < count; k++)
        if (character >= blocks[k][0] && character <= blocks[k][1])
            return true;
    return false;
}

double ts_text_columns(uint32_t character) {
    if (is_among(unseen, COUNT(unseen), character))
        return 0;
    return is_among(wide, COUNT(wide), character) ? 2 : 1;
}

/* Hundredths of an em from ' ' to '~' in DejaVu Sans, which is among the widest of the faces without serifs. */
static const unsigned char ascii[] = {32,  40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, /* from ' ' */
                                      64,  64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53, /* from '0' */
                                      100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, /* from '@' */
                                      60,  79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, /* from 'P' */
                                      50,  61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, /* from '`' */
                                      63,  63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84};    /* from 'p' */

double ts_text_ems(uint32_t character) {
    if (character >= ' ' && character - ' ' < sizeof ascii)
        return ascii[character - ' '] / 100.0;
    static const double one_column = 0.68, two_columns = 1.25;
    double columns = ts_text_columns(character);
    return columns > 1 ? two_columns : columns * one_column;
}
