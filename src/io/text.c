#include "io/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_PATH 300 /* bytes; leaves room for the reason in ts_error.message */

static bool is_continuation(unsigned char byte) {
    return (byte & 0xc0) == 0x80;
}

/* Bytes of the UTF-8 character at `text`: 1 to 4, or 0 where there is no valid one (RFC 3629: no surrogates, no
 * overlong form, nothing past U+10FFFF), nor one that XML allows (U+FFFE and U+FFFF are no characters). */
static size_t character_bytes(const unsigned char *text) {
    unsigned char first = text[0];
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return is_continuation(text[1]) ? 2 : 0;
    if (first < 0xe0 || first > 0xf4 || !is_continuation(text[1]) || !is_continuation(text[2]))
        return 0;
    if (first < 0xf0) {
        bool overlong = first == 0xe0 && text[1] < 0xa0;
        bool surrogate = first == 0xed && text[1] > 0x9f;
        bool none = first == 0xef && text[1] == 0xbf && text[2] >= 0xbe;
        return overlong || surrogate || none ? 0 : 3;
    }
    bool outside = (first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f);
    return outside || !is_continuation(text[3]) ? 0 : 4;
}

char *ts_text_clean(const char *text) {
    char *clean = strdup(text ? text : "");
    if (!clean)
        return NULL;
    for (size_t at = 0; clean[at] != '\0';) {
        size_t bytes = character_bytes((const unsigned char *)clean + at);
        if (bytes == 0)
            clean[at] = '?';
        else if (bytes == 1 && ((unsigned char)clean[at] < 0x20 || clean[at] == 0x7f) && clean[at] != '\n')
            clean[at] = ' ';
        at += bytes > 0 ? bytes : 1;
    }
    return clean;
}

void ts_text_show(char *to, size_t size, const char *text, size_t length) {
    const char *mark = "";
    if (length >= size) {
        mark = "...";
        length = size - 1 - strlen(mark);
        while (length > 0 && is_continuation((unsigned char)text[length]))
            length--;
    }
    memcpy(to, text, length);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)to[i] < 0x20 || to[i] == 0x7f)
            to[i] = '?';
    memcpy(to + length, mark, strlen(mark) + 1);
}

uint64_t ts_text_hash(const char *text) {
    uint64_t value = 0xcbf29ce484222325;
    for (; *text != '\0'; text++)
        value = (value ^ (unsigned char)*text) * 0x100000001b3;
    return value;
}

const char *ts_text_path(const char *path) {
    const size_t length = strlen(path);
    return length > SHOWN_PATH ? path + length - SHOWN_PATH : path;
}

/* The character at *text, of valid UTF-8; *text goes on behind it. */
static uint32_t next_character(const char **text) {
    const unsigned char *at = (const unsigned char *)*text;
    size_t bytes = character_bytes(at);
    uint32_t character = bytes < 2 ? at[0] : at[0] & (0xffU >> (bytes + 1));
    for (size_t k = 1; k < bytes; k++)
        character = character << 6 | (at[k] & 0x3fU);
    *text += bytes > 0 ? bytes : 1;
    return character;
}

size_t ts_text_line(const char *text, double width, ts_text_measure *measure, const char **next) {
    const char *at = text, *blank = text;
    double used = 0;
    while (*at != '\0' && *at != '\n') {
        const char *behind = at;
        used += measure(next_character(&behind));
        if (used > width && at > text)
            break;
        if (*at == ' ')
            blank = at;
        at = behind;
    }
    bool whole = *at == '\0' || *at == '\n' || *at == ' ';
    if (!whole && blank > text)
        at = blank;
    *next = at + (*at == '\n' || *at == ' ' ? 1 : 0);
    return (size_t)(at - text);
}

double ts_text_width(const char *text, size_t bytes, ts_text_measure *measure) {
    double width = 0;
    for (const char *at = text; at < text + bytes;)
        width += measure(next_character(&at));
    return width;
}

bool ts_text_is_blank(const char *text) {
    return text[strspn(text, " \n")] == '\0';
}

/* 1e-05 becomes 1e-5, and 1e+07 becomes 1e7. */
static void trim_exponent(char *number) {
    char *exponent = strchr(number, 'e');
    if (!exponent)
        return;
    char *digits = exponent + 1;
    if (*digits == '-')
        digits++;
    size_t skipped = strspn(digits, "+0");
    memmove(digits, digits + skipped, strlen(digits + skipped) + 1);
}

void ts_text_number(char *buffer, size_t size, double value, int digits) {
    snprintf(buffer, size, "%.*g", digits, value);
    trim_exponent(buffer);
}

void ts_text_short_number(char *buffer, size_t size, double value, int digits, size_t width) {
    ts_text_number(buffer, size, value, digits);
    if (strlen(buffer) <= width)
        return;
    char number[64];
    snprintf(number, sizeof number, "%.*e", digits - 1, value);
    trim_exponent(number);
    char *zero = strstr(number, ".0e");
    if (zero)
        memmove(zero, zero + 2, strlen(zero + 2) + 1);
    snprintf(buffer, size, "%s", number);
}
