#include "io/picture/render.h"

#include "base/fail.h"
#include "io/picture/file.h"
#include "io/text.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* A page of 8 by 6 inches in every format. The scales make one unit of type and of line width a point on that page;
 * gnuplot's terminals differ in what theirs are. */
static const struct {
    const char *ending, *terminal;
    bool moves;
} formats[] = {
    {".png",
     "pngcairo size 1600,1200 enhanced rounded font 'sans-serif,11' fontscale 2.083 linewidth 2.778 dashlength 2.5 "
     "pointscale 2.778",
     false},
    {".svg",
     "svg size 800,600 enhanced rounded font 'sans-serif,11' fontscale 1.389 linewidth 1.389 background '#ffffff'",
     false},
    {".pdf", "pdfcairo size 8in,6in enhanced rounded font 'sans-serif,11' fontscale 0.75 linewidth 2 dashlength 2",
     false},
    {".gif", "gif size 960,720 enhanced font 'sans,11' fontscale 1.25 linewidth 1.667 animate loop 0 optimize", true},
};

#define DELAY 8 /* hundredths of a second for a frame */
#define FORMAT_COUNT (sizeof formats / sizeof formats[0])

/* FORMAT_COUNT: none. */
static size_t find_format(const char *path) {
    size_t length = strlen(path), k = 0;
    for (; k < FORMAT_COUNT; k++) {
        size_t ending = strlen(formats[k].ending);
        if (length > ending && strcmp(path + length - ending, formats[k].ending) == 0)
            break;
    }
    return k;
}

bool ts_picture_moves(const char *path) {
    size_t format = find_format(path);
    return format < FORMAT_COUNT && formats[format].moves;
}

ts_status ts_picture_check_path(const char *path, bool moves, ts_error *error) {
    size_t format = find_format(path);
    if (format < FORMAT_COUNT && formats[format].moves == moves)
        return TS_OK;
    return ts_fail(error, TS_INVALID, "", "cannot draw %s: the name must end in %s", ts_text_path(path),
                   moves ? ".gif" : ".png, .svg or .pdf");
}

/* A script with the terminal before it. */
typedef struct whole_script {
    const char *terminal;
    int delay; /* 0: the picture does not move */
    ts_gnuplot_script *print;
    const void *picture;
} whole_script;

static bool print_whole(FILE *script, const void *picture) {
    const whole_script *whole = picture;
    fprintf(script, "set encoding utf8\nset terminal %s", whole->terminal);
    if (whole->delay > 0)
        fprintf(script, " delay %d", whole->delay);
    fputc('\n', script);
    return whole->print(script, whole->picture);
}

/* gnuplot leaves the end of a CDATA section as it is in the text of an SVG, where XML does not allow it. There is no
 * such section in what it draws. False: no memory. */
static bool mend_svg(char **bytes, size_t *size) {
    size_t count = 0;
    for (size_t at = 0; at + 2 < *size; at++)
        count += memcmp(*bytes + at, "]]>", 3) == 0;
    if (count == 0)
        return true;
    char *mended = malloc(*size + 3 * count);
    if (!mended)
        return false;
    size_t to = 0;
    for (size_t at = 0; at < *size; at++) {
        bool is_end = at >= 2 && memcmp(*bytes + at - 2, "]]>", 3) == 0;
        const char *piece = is_end ? "&gt;" : *bytes + at;
        for (size_t k = 0; k < (is_end ? 4 : 1); k++)
            mended[to++] = piece[k];
    }
    free(*bytes);
    *bytes = mended;
    *size = to;
    return true;
}

/* A signal that ends this process waits until the picture is in its place, so that no temporary file stays. */
static ts_status put_into_place(const char *path, const char *bytes, size_t size, ts_error *error) {
    sigset_t ending, before;
    sigemptyset(&ending);
    sigaddset(&ending, SIGHUP);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, &before);
    ts_status status = ts_file_replace(path, bytes, size, error);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

ts_status ts_picture_render(const char *path, ts_gnuplot_script *print, const void *picture, int delay,
                            ts_error *error) {
    char *bytes;
    size_t size, format = find_format(path);
    const int frame_delay = !formats[format].moves ? 0 : delay > 0 ? delay : DELAY;
    whole_script whole = {formats[format].terminal, frame_delay, print, picture};
    ts_status status = ts_gnuplot_run(print_whole, &whole, TS_GNUPLOT_PATIENCE, &bytes, &size, error);
    if (status == TS_OK && strcmp(formats[format].ending, ".svg") == 0 && !mend_svg(&bytes, &size))
        status = ts_fail(error, TS_FAILED, "", "out of memory");
    if (status == TS_OK)
        status = put_into_place(path, bytes, size, error);
    free(bytes);
    return status;
}
