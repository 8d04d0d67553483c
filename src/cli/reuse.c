#include "cli/reuse.h"

#include "backend/backend.h"
#include "campaign/reuse.h"
#include "io/text.h"

#include <argp.h>

enum { OPTION_REUSE = 256 };

static const struct argp_option reuse_options[] = {
    {"reuse", OPTION_REUSE, "FILE.nc", 0,
     "Take from another result the trainings that are the same, and run the others only; may be repeated", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state) {
    if (key != OPTION_REUSE)
        return ARGP_ERR_UNKNOWN;
    ts_assignments_add(state->input, argument);
    return 0;
}

const struct argp ts_cli_reuse_parser = {reuse_options, parse, NULL, NULL, NULL, NULL, NULL};

ts_status ts_cli_reuse(const ts_cli_job *job, const ts_assignments *paths, ts_sweep *sweep) {
    const ts_arithmetic arithmetic = ts_backend_named(job->options.backend)->arithmetic;
    ts_status status = TS_OK;
    if (paths->count > 0 && job->options.parts > 1) {
        fputs(
            "timescape: --reuse does not go with --shard: each part would have the trainings of the other result, and "
            "they would count twice\n",
            stderr);
        return TS_INVALID;
    }
    for (size_t i = 0; status == TS_OK && i < paths->count; i++) {
        ts_reuse reuse;
        ts_error error = {0};
        char text[1200];
        status = ts_reuse_file(sweep, arithmetic, paths->item[i], &reuse, &error);
        ts_reuse_print(text, sizeof text, &reuse);
        if (status != TS_OK)
            ts_print_error(&error);
        else if (!job->quiet)
            fprintf(stderr, "%s: %s\n", ts_text_path(paths->item[i]), text);
    }
    return status;
}
