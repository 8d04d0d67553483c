#include "io/picture.h"

#include "io/fail.h"
#include "io/picture_kinds.h"
#include "io/picture_render.h"
#include "io/text.h"

#include <errno.h>
#include <math.h>
#include <string.h>

typedef enum picture_kind { KIND_SUCCESS, KIND_LOSS, KIND_AGREEMENT, KIND_COUNT } picture_kind;

static const char *const kind_names[KIND_COUNT] = {"success", "loss", "agreement"};

const double *ts_picture_limit(const ts_result *result) {
    return isnan(result->limit_slow_time) ? result->limit_success_rate : result->limit_horizon_success_rate;
}

void ts_picture_limit_text(char *text, size_t size, const ts_result *result) {
    char time[32];
    ts_text_number(time, sizeof time, result->limit_slow_time, 6);
    if (isnan(result->limit_slow_time))
        snprintf(text, size, "the two-timescale limit from the same starts, when nothing moves any more");
    else
        snprintf(text, size, "the two-timescale limit from the same starts, at slow time %s", time);
}

/* What the options mean for this result: which kind of picture, and for which index of neurons? */
static ts_status resolve(const ts_result *result, const ts_picture_options *options, picture_kind *kind,
                         size_t *neurons_index, ts_error *error) {
    const char *name = options != NULL && options->kind != NULL ? options->kind : kind_names[KIND_SUCCESS];
    double neurons = options != NULL ? options->neurons : 0;
    *neurons_index = result->neurons_count - 1;
    for (*kind = 0; *kind < KIND_COUNT && strcmp(name, kind_names[*kind]) != 0;)
        (*kind)++;
    if (*kind == KIND_COUNT)
        return ts_io_fail(error, TS_INVALID, "there is no picture of kind '%.40s': it is success, loss or agreement",
                          name);
    if (*kind == KIND_AGREEMENT && result->limit_agreement == NULL)
        return ts_io_fail(error, TS_INVALID,
                          "the result was not compared with its limit: a run with theory: true in the configuration "
                          "does that");
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
    picture_kind kind;
    size_t neurons_index;
} sweep_picture;

static bool print_script(FILE *script, const void *picture) {
    const sweep_picture *drawn = picture;
    switch (drawn->kind) {
    case KIND_LOSS:
        return ts_picture_loss(script, drawn->result, drawn->neurons_index);
    case KIND_AGREEMENT:
        return ts_picture_agreement(script, drawn->result);
    default:
        return ts_picture_success(script, drawn->result);
    }
}

ts_status ts_picture_draw(const ts_result *result, const ts_picture_options *options, const char *path,
                          ts_error *error) {
    sweep_picture picture = {.result = result};
    ts_status status = resolve(result, options, &picture.kind, &picture.neurons_index, error);
    if (status == TS_OK)
        status = ts_picture_check_path(path, false, error);
    return status == TS_OK ? ts_picture_render(path, print_script, &picture, error) : status;
}

ts_status ts_picture_print(FILE *stream, const ts_result *result, const ts_picture_options *options, int columns,
                           bool colour, ts_error *error) {
    picture_kind kind;
    size_t neurons_index;
    ts_status status = resolve(result, options, &kind, &neurons_index, error);
    if (status != TS_OK)
        return status;
    if (kind == KIND_LOSS)
        ts_picture_print_loss(stream, result, neurons_index, columns, colour);
    else if (kind == KIND_AGREEMENT)
        ts_picture_print_agreement(stream, result, columns, colour);
    else
        ts_picture_print_success(stream, result, columns, colour);
    if (fflush(stream) != 0 || ferror(stream))
        return ts_io_fail(error, TS_FAILED, "the picture could not be printed: %s", strerror(errno));
    return TS_OK;
}
