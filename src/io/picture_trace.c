#include "io/picture_trace.h"

#include "io/fail.h"
#include "io/picture.h"
#include "io/picture_render.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *name;
    ts_gnuplot_script *print;
    bool moves;
} kinds[] = {
    {"functions", ts_picture_functions, false}, {"loss", ts_picture_course, false},
    {"positions", ts_picture_positions, false}, {"sketch", ts_picture_sketch, false},
    {"animation", ts_picture_animation, true},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])
#define DEFAULT_KIND 0
#define MOVING_KIND 4

static ts_status find_kind(const char *name, const char *path, size_t *kind, ts_error *error) {
    *kind = path != NULL && ts_picture_moves(path) ? MOVING_KIND : DEFAULT_KIND;
    for (size_t k = 0; name != NULL && k < KIND_COUNT; k++)
        if (strcmp(name, kinds[k].name) == 0) {
            *kind = k;
            return TS_OK;
        }
    if (name == NULL)
        return TS_OK;
    return ts_io_fail(error, TS_INVALID,
                      "a trace has no picture of kind '%.40s': it is functions, loss, positions, sketch or animation",
                      name);
}

static ts_status find_training(const ts_trace_data *data, const ts_trace_picture_options *options, size_t *training,
                               ts_error *error) {
    *training = 0;
    if (options == NULL || options->replicate < 0)
        return TS_OK;
    for (size_t i = 0; i < data->trainings; i++)
        if (data->replicate[i] == options->replicate) {
            *training = i;
            return TS_OK;
        }
    return ts_io_fail(error, TS_INVALID, "the trace has no replicate %lld: it has %zu, from %u to %u",
                      (long long)options->replicate, data->trainings, data->replicate[0],
                      data->replicate[data->trainings - 1]);
}

const char *ts_trace_picture_ending(const char *kind) {
    return kind != NULL && strcmp(kind, kinds[MOVING_KIND].name) == 0 ? ".gif" : ".png";
}

ts_status ts_trace_picture_draw(const ts_trace_file *file, const ts_trace_picture_options *options, const char *path,
                                ts_error *error) {
    size_t kind;
    ts_trace_view view = {.file = file};
    ts_status status = find_kind(options != NULL ? options->kind : NULL, path, &kind, error);
    if (status == TS_OK)
        status = find_training(&file->data, options, &view.training, error);
    view.moves = kinds[kind].moves;
    if (status == TS_OK)
        status = ts_picture_check_path(path, view.moves, error);
    return status == TS_OK ? ts_picture_render(path, kinds[kind].print, &view, error) : status;
}

ts_status ts_trace_picture_print(FILE *stream, const ts_trace_file *file, int columns, bool colour, ts_error *error) {
    ts_trace_print_summary(stream, file, columns, colour);
    if (fflush(stream) != 0 || ferror(stream))
        return ts_io_fail(error, TS_FAILED, "the picture could not be printed: %s", strerror(errno));
    return TS_OK;
}
