#include "io/picture/trace/parts.h"

#include "base/fail.h"
#include "io/picture/kinds.h"
#include "io/picture/picture.h"
#include "io/picture/render.h"

#include <errno.h>
#include <string.h>

/* The first that is still, or moves, and can be drawn is the default for formats that are still, or move. */
static const ts_picture_kind kinds[] = {
    {.name = "functions", .draw = ts_picture_functions, .takes_one = true, .needs_functions = true},
    {.name = "loss", .draw = ts_picture_course},
    {.name = "positions", .draw = ts_picture_positions, .takes_one = true},
    {.name = "sketch", .draw = ts_picture_sketch, .takes_one = true, .needs_functions = true},
    {.name = "animation", .draw = ts_picture_animation, .takes_one = true, .moves = true, .needs_functions = true},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

static ts_status find_kind(const ts_recording *file, const char *name, const char *path, size_t *kind,
                           ts_error *error) {
    const bool functions = file->data.function;
    *kind = 0;
    if (name) {
        const ts_status status = ts_picture_find_kind(kinds, KIND_COUNT, name, "a trace", kind, error);
        if (status != TS_OK)
            return status;
    } else {
        while (*kind < KIND_COUNT &&
               (kinds[*kind].moves != ts_picture_moves(path) || (kinds[*kind].needs_functions && !functions)))
            (*kind)++;
    }
    if (*kind < KIND_COUNT && (functions || !kinds[*kind].needs_functions))
        return TS_OK;
    return ts_fail(error, TS_INVALID, "",
                   "the picture shows functions, and the trace has none of them: it was made with --no-functions");
}

static ts_status find_training(const ts_trace_data *data, const ts_picture_trace_options *options, size_t *training,
                               ts_error *error) {
    *training = 0;
    if (!options || options->replicate < 0)
        return TS_OK;
    for (size_t i = 0; i < data->trainings; i++)
        if (data->replicate[i] == options->replicate) {
            *training = i;
            return TS_OK;
        }
    return ts_fail(error, TS_INVALID, "", "the trace has no replicate %lld: it has %zu, from %u to %u",
                   (long long)options->replicate, data->trainings, data->replicate[0],
                   data->replicate[data->trainings - 1]);
}

const char *ts_picture_trace_ending(const char *kind) {
    size_t found = 0;
    bool known = kind && ts_picture_find_kind(kinds, KIND_COUNT, kind, "", &found, NULL) == TS_OK;
    return known && kinds[found].moves ? ".gif" : ".png";
}

ts_status ts_picture_draw_trace(const ts_recording *file, const ts_picture_trace_options *options, const char *path,
                                ts_error *error) {
    size_t kind;
    ts_recording_view view = {.file = file};
    ts_status status = find_kind(file, options ? options->kind : NULL, path, &kind, error);
    if (status == TS_OK && options && options->replicate >= 0)
        status = ts_picture_check_choice(kinds, KIND_COUNT, kind, "--replicate", error);
    if (status == TS_OK)
        status = find_training(&file->data, options, &view.training, error);
    if (status == TS_OK)
        status = ts_picture_check_path(path, kinds[kind].moves, error);
    if (status != TS_OK)
        return status;
    view.moves = kinds[kind].moves;
    return ts_picture_render(path, kinds[kind].draw, &view, kinds[kind].delay, error);
}

ts_status ts_picture_print_trace(FILE *stream, const ts_recording *file, const ts_picture_trace_options *options,
                                 int columns, bool colour, ts_error *error) {
    const char *option = options && options->kind             ? "--kind"
                         : options && options->replicate >= 0 ? "--replicate"
                                                              : NULL;
    if (option)
        return ts_fail(error, TS_INVALID, "",
                       "%s has no effect with --terminal on a trace: as text there is one summary of all its "
                       "trainings",
                       option);
    ts_picture_print_summary(stream, file, columns, colour);
    if (fflush(stream) != 0 || ferror(stream))
        return ts_fail(error, TS_FAILED, "", "the picture could not be printed: %s", strerror(errno));
    return TS_OK;
}
