#include "io/picture.h"

#include "io/fail.h"
#include "io/picture_kinds.h"
#include "io/picture_render.h"

#include <errno.h>
#include <string.h>

#define KIND_SUCCESS "success"
#define KIND_LOSS "loss"

/* What the options mean for this result: is it the box plot, and for which index of neurons? */
static ts_status resolve(const ts_result *result, const ts_picture_options *options, bool *loss, size_t *neurons_index,
                         ts_error *error) {
    const char *kind = options != NULL && options->kind != NULL ? options->kind : KIND_SUCCESS;
    double neurons = options != NULL ? options->neurons : 0;
    *loss = strcmp(kind, KIND_LOSS) == 0;
    *neurons_index = result->neurons_count - 1;
    if (!*loss && strcmp(kind, KIND_SUCCESS) != 0)
        return ts_io_fail(error, TS_INVALID,
                          "there is no picture of kind '%.40s': it is " KIND_SUCCESS " or " KIND_LOSS, kind);
    if (neurons == 0)
        return TS_OK;
    for (size_t j = 0; j < result->neurons_count; j++)
        if (result->neurons[j] == neurons) {
            *neurons_index = j;
            return TS_OK;
        }
    return ts_io_fail(error, TS_INVALID, "the result has no networks of %g neurons: it has %zu counts from %g to %g",
                      neurons, result->neurons_count, result->neurons[0], result->neurons[result->neurons_count - 1]);
}

/* A picture of a sweep on its way to gnuplot. */
typedef struct sweep_picture {
    const ts_result *result;
    bool loss;
    size_t neurons_index;
} sweep_picture;

static bool print_script(FILE *script, const void *picture) {
    const sweep_picture *drawn = picture;
    return drawn->loss ? ts_picture_loss(script, drawn->result, drawn->neurons_index)
                       : ts_picture_success(script, drawn->result);
}

ts_status ts_picture_draw(const ts_result *result, const ts_picture_options *options, const char *path,
                          ts_error *error) {
    sweep_picture picture = {.result = result};
    ts_status status = resolve(result, options, &picture.loss, &picture.neurons_index, error);
    if (status == TS_OK)
        status = ts_picture_check_path(path, false, error);
    return status == TS_OK ? ts_picture_render(path, print_script, &picture, error) : status;
}

ts_status ts_picture_print(FILE *stream, const ts_result *result, const ts_picture_options *options, int columns,
                           bool colour, ts_error *error) {
    bool loss;
    size_t neurons_index;
    ts_status status = resolve(result, options, &loss, &neurons_index, error);
    if (status != TS_OK)
        return status;
    if (loss)
        ts_picture_print_loss(stream, result, neurons_index, columns, colour);
    else
        ts_picture_print_success(stream, result, columns, colour);
    if (fflush(stream) != 0 || ferror(stream))
        return ts_io_fail(error, TS_FAILED, "the picture could not be printed: %s", strerror(errno));
    return TS_OK;
}
