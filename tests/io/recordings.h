/* Small traces, and files of them. */
#ifndef TS_TESTS_IO_RECORDINGS_H
#define TS_TESTS_IO_RECORDINGS_H

#include "io/files.h"
#include "io/netcdf/recording.h"

static const double one_epsilon = 0.1;
static const double one_count = 9;
static const uint32_t chosen[] = {3, 0, 4};

static inline ts_settings trace_settings(void) {
    ts_settings settings = small_settings(false);
    set_axes(&settings, &one_epsilon, 1, &one_count, 1);
    return settings;
}

static inline ts_trace *make_trace(const ts_settings *settings, const uint32_t *replicate, size_t count, size_t times) {
    const ts_trace_options options = {.replicate = replicate, .count = count, .times = times};
    ts_trace *trace = NULL;
    ts_error error = {0};
    if (ts_trace_create(&trace, settings, &options, &error) != TS_OK ||
        ts_trace_run(trace, NULL, NULL, &error) != TS_OK)
        fail_msg("%s", error.message);
    return trace;
}

static inline ts_trace *small_trace(void) {
    const ts_settings settings = trace_settings();
    return make_trace(&settings, chosen, 3, 8);
}

static inline void write_trace(const char *path, const ts_trace *trace) {
    ts_error error = {0};
    if (ts_recording_write(path, trace, &small_origin, NULL, &error) != TS_OK)
        fail_msg("%s", error.message);
}

static inline ts_recording read_trace(const char *path) {
    ts_recording file;
    ts_error error = {0};
    if (ts_recording_read(&file, path, &error) != TS_OK)
        fail_msg("%s", error.message);
    return file;
}

/* As a file, at `path`. */
static inline ts_recording trace_file(const char *path, const ts_settings *settings, const uint32_t *replicate,
                                      size_t count, size_t times) {
    ts_trace *trace = make_trace(settings, replicate, count, times);
    write_trace(path, trace);
    ts_trace_destroy(trace);
    return read_trace(path);
}

#endif
