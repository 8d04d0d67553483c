/* The text of an SVG as gnuplot writes it. */
#ifndef TS_TESTS_IO_PICTURE_SVG_H
#define TS_TESTS_IO_PICTURE_SVG_H

#include "io/text.h"

#include "io/files.h"

#define SVG_WIDTH 800
#define SVG_HEIGHT 600

/* The whole file as a string; the caller frees it. */
static inline char *read_file(const char *path, size_t *size) {
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    *size = (size_t)found.st_size;
    char *bytes = calloc(*size + 1, 1);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static inline bool says(const char *text, const char *words) {
    return strstr(text, words);
}

/* What stands between the tags of `xml`, up to "</text>", with its entities resolved. */
static inline void svg_words(const char *xml, char *words, size_t size) {
    static const struct {
        const char *entity;
        char character;
    } entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};
    size_t used = 0;
    bool is_tag = false;
    while (strncmp(xml, "</text>", 7) != 0 && used + 1 < size) {
        char character = *xml++;
        for (size_t k = 0; character == '&' && k < 3; k++)
            if (strncmp(xml - 1, entities[k].entity, strlen(entities[k].entity)) == 0) {
                xml += strlen(entities[k].entity) - 1;
                character = entities[k].character;
                break;
            }
        if (character == '<' && xml[-1] == '<')
            is_tag = true;
        if (!is_tag)
            words[used++] = character;
        if (character == '>' && xml[-1] == '>')
            is_tag = false;
    }
    words[used] = '\0';
}

/* Every text lies within the page, as wide as it is at most. Returns how many there are. */
static inline size_t assert_texts_on_page(const char *svg) {
    static const char begin[] = "<g transform=\"translate(";
    size_t count = 0;
    for (const char *at = strstr(svg, begin); at; at = strstr(at, begin), count++) {
        char words[512], *rest;
        at += strlen(begin);
        const char *text = strstr(at, "<text"), *end = strchr(at, '\n');
        assert_non_null(text);
        svg_words(strchr(text, '>') + 1, words, sizeof words);
        const double x = strtod(at, &rest), y = strtod(rest + 1, NULL);
        const double font = strtod(strstr(at, "font-size=\"") + 11, NULL);
        const char *anchor = strstr(at, "text-anchor=\""), *rotate = strstr(at, "rotate(270)");
        const double width = font * ts_text_width(words, strlen(words), ts_text_ems);
        const bool is_upright = rotate && rotate < end;
        const double before = anchor[13] == 's' ? 0 : anchor[13] == 'm' ? width / 2 : width;
        const double low = (is_upright ? SVG_HEIGHT - y : x) - before, high = low + width;
        if (!(low >= 0 && high <= (is_upright ? SVG_HEIGHT : SVG_WIDTH) && y >= 0 && y <= SVG_HEIGHT))
            fail_msg("'%s' reaches from %.0f to %.0f", words, low, high);
    }
    return count;
}

#endif
