#include "io/picture/gnuplot.h"

#include "base/fail.h"
#include "io/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define COMPLAINT_SIZE 256

/* ---- the conversation */

/* What a stream calls to write; it has no word for an error but 0. */
static ssize_t tell(void *child, const char *bytes, size_t size) {
    return ts_program_tell(child, bytes, size) ? (ssize_t)size : 0;
}

/* Whether gnuplot took the whole script does not matter here: one that did not will say why, or be given up. False: no
 * memory. */
static bool tell_script(ts_program *child, ts_gnuplot_script *print, const void *picture) {
    FILE *script = fopencookie(child, "w", (cookie_io_functions_t){.write = tell});
    if (!script)
        return false;
    bool printed = print(script, picture);
    fclose(script);
    return printed;
}

/* The last line with words of what gnuplot complained of, without the place in the script. */
static void read_complaint(const ts_bytes *complaints, char complaint[COMPLAINT_SIZE]) {
    strcpy(complaint, "it gave no reason");
    for (size_t at = 0; at < complaints->size;) {
        char line[COMPLAINT_SIZE];
        const char *end = memchr(complaints->item + at, '\n', complaints->size - at);
        size_t length = end ? (size_t)(end - complaints->item) - at : complaints->size - at;
        snprintf(line, sizeof line, "%.*s", (int)(length < sizeof line ? length : sizeof line - 1),
                 complaints->item + at);
        at += length + 1;
        char *words = line + strspn(line, " \t^");
        char *place = strstr(words, "line ");
        char *colon = place ? strstr(place, ": ") : NULL;
        if (colon)
            words = colon + 2;
        if (words[0] != '\0')
            strcpy(complaint, words);
    }
}

static ts_status judge(const ts_program *child, ts_error *error) {
    if (child->reason != 0)
        return ts_fail(error, TS_FAILED, "", "the picture could not be read from gnuplot: %s", strerror(child->reason));
    if (child->stuck)
        return ts_fail(error, TS_FAILED, "",
                       "gnuplot did nothing for %.0f s and was ended: neither took it the script, nor gave a "
                       "picture, nor used the processor",
                       child->patience);
    if (WIFSIGNALED(child->state))
        return ts_fail(error, TS_FAILED, "", "gnuplot was ended by signal %d (%s)", WTERMSIG(child->state),
                       strsignal(WTERMSIG(child->state)));
    if (WEXITSTATUS(child->state) != 0) {
        char complaint[COMPLAINT_SIZE];
        read_complaint(&child->complaint, complaint);
        return ts_fail(error, TS_FAILED, "", "gnuplot could not draw the picture: %s", complaint);
    }
    if (child->answer.size == 0)
        return ts_fail(error, TS_FAILED, "", "gnuplot drew nothing");
    return TS_OK;
}

ts_status ts_gnuplot_run(ts_gnuplot_script *print, const void *picture, double patience, char **bytes, size_t *size,
                         ts_error *error) {
    char name[] = "gnuplot", no_user_files[] = "--default-settings";
    char *const arguments[] = {name, no_user_files, NULL};
    ts_program child;
    *bytes = NULL;
    *size = 0;
    int code = ts_program_start(&child, arguments, patience);
    if (code == ENOENT)
        return ts_fail(error, TS_FAILED, "", "gnuplot was not found: install the package gnuplot-nox");
    if (code != 0)
        return ts_fail(error, TS_FAILED, "", "gnuplot could not be started: %s", strerror(code));
    bool printed = tell_script(&child, print, picture);
    ts_program_finish(&child);
    ts_status status = printed ? judge(&child, error) : ts_fail(error, TS_FAILED, "", "out of memory");
    if (status == TS_OK) {
        *bytes = child.answer.item;
        *size = child.answer.size;
        child.answer = (ts_bytes){0};
    }
    ts_program_free(&child);
    return status;
}

/* ---- its strings */

/* Blanks and letters stand for themselves, and so do the bytes of UTF-8 beyond ASCII. The others are written as octal
 * numbers between double quotes: quotes, backslashes and backticks, and digits, which would lengthen such a number
 * before them. (Between single quotes gnuplot 5.4 takes two at the beginning for an empty string.) */
static bool stands_for_itself(char byte) {
    unsigned char lower = (unsigned char)byte | 0x20;
    return byte == ' ' || (lower >= 'a' && lower <= 'z') || (unsigned char)byte >= 0x80;
}

void ts_gnuplot_string(FILE *script, const char *text, size_t bytes) {
    fputc('"', script);
    for (size_t at = 0; at < bytes; at++)
        if (stands_for_itself(text[at]))
            fputc(text[at], script);
        else
            fprintf(script, "\\%03o", (unsigned)(unsigned char)text[at]);
    fputc('"', script);
}
