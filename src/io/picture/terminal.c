#include "io/picture/terminal.h"

#include "io/text.h"

void ts_terminal_text(FILE *stream, const char *text, int columns) {
    while (*text != '\0') {
        const char *next;
        size_t bytes = ts_text_line(text, columns, ts_text_columns, &next);
        fprintf(stream, "%.*s\n", (int)bytes, text);
        text = next;
    }
}

void ts_terminal_repeat(FILE *stream, char character, int count) {
    for (int k = 0; k < count; k++)
        fputc(character, stream);
}
