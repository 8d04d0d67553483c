#include "io/picture_render.h"

#include "io/fail.h"
#include "io/file.h"
#include "io/gnuplot.h"

#include <errno.h>
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
    {".gif", "gif animate delay 8 loop 0 optimize size 960,720 enhanced font 'sans,11' fontscale 1.25 linewidth 1.667",
     true},
};

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
    return ts_io_fail(error, TS_INVALID, "cannot draw %s: the name must end in %s", ts_io_shown_path(path),
                      moves ? ".gif" : ".png, .svg or .pdf");
}

ts_status ts_picture_render(const char *path, ts_picture_script *print, const void *picture, ts_error *error) {
    char *bytes = NULL;
    size_t size = 0;
    FILE *script = tmpfile();
    if (script == NULL)
        return ts_io_fail(error, TS_FAILED, "no temporary file for the picture: %s", strerror(errno));
    fprintf(script, "set encoding utf8\nset terminal %s\n", formats[find_format(path)].terminal);
    ts_status status = print(script, picture) ? ts_gnuplot_run(script, &bytes, &size, error)
                                              : ts_io_fail(error, TS_FAILED, "out of memory");
    fclose(script);
    if (status == TS_OK)
        status = ts_file_replace(path, bytes, size, error);
    free(bytes);
    return status;
}
