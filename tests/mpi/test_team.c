/* A team of processes, begun by mpirun or alone. Usage: test_mpi_team NAME [BACKEND]: the test of that name below. What
 * is asserted outside of CMocka's groups ends the process, and so the job. */
#include "backend/same.h"
#include "mpi/place.h"
#include "support.h"
#include "sweep/short_trainings.h"

#include <unistd.h>

static const double ratios[] = {0.02, 0.1}, sizes[] = {5, 12}, times[] = {0.02, 0.05, 0.1};

static ts_settings plain(void) {
    ts_settings settings = short_trainings();
    settings.theory = false;
    settings.keep_trainings = true;
    settings.replicates = 40;
    set_axes(&settings, ratios, 2, sizes, 2);
    return settings;
}

static ts_settings observed(void) {
    ts_settings settings = plain();
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe = times;
    settings.observe_count = 3;
    settings.stop = TS_STOP_FIRST_SUCCESS;
    return settings;
}

static ts_settings with_limits(void) {
    ts_settings settings = plain();
    settings.theory = true;
    settings.limit_starts = 100;
    return settings;
}

static ts_settings in_rounds(void) {
    ts_settings settings = with_limits();
    settings.limit_starts = 0;
    settings.replicates = 200;
    settings.least_replicates = 8;
    settings.half_width = 0.15;
    return settings;
}

static ts_settings (*const kinds[])(void) = {plain, observed, with_limits, in_rounds};
#define KINDS (sizeof kinds / sizeof *kinds)

static ts_settings long_ones(void) {
    ts_settings settings = plain();
    settings.slow_time = 1e4;
    return settings;
}

/* ---- the tests */

static void assert_same(const ts_sweep *a, const ts_sweep *b) {
    const size_t cells = a->cell_count, observed_cells = cells * a->settings.observe_count;
    assert_memory_equal(a->results.mark, b->results.mark, cells * a->settings.replicates);
    for (size_t i = 0; i < cells; i++) {
        const ts_cell_summary left = ts_sweep_summary(a, i), right = ts_sweep_summary(b, i);
        assert_same_cell(a, i, b, i, left.trainings);
        assert_memory_equal(&left, &right, sizeof left);
    }
    assert_memory_equal(a->results.statistics, b->results.statistics, cells * sizeof(ts_statistics));
    if (observed_cells > 0) {
        assert_memory_equal(a->results.observed, b->results.observed, observed_cells * sizeof(ts_statistics));
        assert_memory_equal(a->results.first_success, b->results.first_success, observed_cells * sizeof(uint64_t));
    }
}

/* Each kind of sweep ends in the bits of one process; also where one begins with some of it, and when it is run again.
 */
static void same(ts_mpi *mpi, const ts_run_options *options) {
    for (size_t k = 0; k < KINDS; k++) {
        const ts_settings settings = kinds[k]();
        ts_sweep *all = create_sweep(&settings);
        ts_error error = {0};
        ts_run_options part = *options;
        part.part = part.parts = mpi->link.rank == 0 ? 3 : 0;
        if (k % 2 == 1 && mpi->link.rank == 0)
            assert_int_equal(ts_sweep_run(all, &part, NULL, &error), TS_OK);
        const uint64_t before = k % 2 == 1 && mpi->link.rank == 0 ? ts_sweep_summary(all, 0).trainings : 0;
        all->team = &mpi->team;
        ts_run_report report;
        for (int again = 0; again < 2; again++) {
            assert_int_equal(ts_sweep_run(all, options, &report, &error), TS_OK);
            assert_true(again == 0 ? report.trainings > before : report.trainings == 0);
            assert_int_equal(ts_sweep_unite(all, &error), TS_OK);
            if (mpi->link.rank > 0)
                continue;
            ts_sweep *alone = run_sweep(&settings, options);
            assert_same(all, alone);
            ts_sweep_destroy(alone);
        }
        ts_sweep_destroy(all);
    }
}

/* One of them is told to stop. */
static bool has_enough(void *context, const ts_progress *progress) {
    const ts_mpi *mpi = context;
    return mpi->link.rank < mpi->link.size - 1 || progress->seconds < 0.5;
}

static void stop(ts_mpi *mpi, const ts_run_options *options) {
    const ts_settings settings = long_ones();
    ts_sweep *sweep = create_sweep(&settings);
    ts_run_options stopping = *options;
    stopping.on_progress = has_enough;
    stopping.context = mpi;
    ts_mpi_watch(mpi, &stopping);
    sweep->team = &mpi->team;
    ts_error error = {0};
    assert_int_equal(ts_sweep_run(sweep, &stopping, NULL, &error), TS_INTERRUPTED);
    ts_sweep_destroy(sweep);
}

/* One of them cannot begin. */
static void fails(ts_mpi *mpi, const ts_run_options *options) {
    const ts_settings settings = long_ones();
    ts_sweep *sweep = create_sweep(&settings);
    ts_run_options wrong = *options;
    const bool is_wrong = mpi->link.rank == mpi->link.size - 1;
    wrong.threads = is_wrong ? 5000 : 1;
    sweep->team = &mpi->team;
    ts_error error = {0};
    assert_int_equal(ts_sweep_run(sweep, &wrong, NULL, &error), TS_INVALID);
    assert_non_null(strstr(error.message, is_wrong ? "5000" : TS_TEAM_FAILED));
    ts_sweep_destroy(sweep);
}

static uint8_t byte_of(size_t rank, size_t parcel, size_t at) {
    return (uint8_t)(rank + 3 * parcel + at % 251);
}

/* Whatever is sent is there when all has been gathered, in the order in which each has sent it. */
static void parcels(ts_mpi *mpi, const ts_run_options *options) {
    static const size_t lengths[] = {1, 100, TS_PARCEL_PIECE, 3 * TS_PARCEL_PIECE + 5};
    uint8_t *bytes = malloc(lengths[3]);
    size_t *next = calloc((size_t)mpi->link.size, sizeof *next), size;
    (void)options;
    assert_true(bytes && next);
    for (int again = 0; again < 2; again++) {
        for (size_t p = 0; mpi->link.rank > 0 && p < 4; p++) {
            for (size_t i = 0; i < lengths[p]; i++)
                bytes[i] = byte_of((size_t)mpi->link.rank, p, i);
            ts_mpi_send(mpi, bytes, lengths[p]);
        }
        ts_mpi_gather(mpi);
        int rank;
        for (uint8_t *came; mpi->link.rank == 0 && (came = ts_mpi_receive(mpi, &rank, &size)); free(came)) {
            const size_t p = next[rank]++ % 4;
            assert_int_equal(size, lengths[p]);
            for (size_t i = 0; i < size; i++)
                if (came[i] != byte_of((size_t)rank, p, i))
                    fail_msg("byte %zu of parcel %zu of process %d", i, p, rank);
        }
        for (rank = 1; mpi->link.rank == 0 && rank < mpi->link.size; rank++)
            assert_true(next[rank] >= (size_t)(4 * (again + 1))); /* or some of the next ones */
    }
    uint8_t *spread = mpi->link.rank == 0 ? bytes : NULL;
    for (size_t i = 0; i < lengths[3]; i++)
        bytes[i] = byte_of(7, 7, i);
    size = mpi->link.rank == 0 ? lengths[3] : 0;
    assert_int_equal(ts_mpi_spread(mpi, &spread, &size, NULL), TS_OK);
    assert_int_equal(size, lengths[3]);
    assert_memory_equal(spread, bytes, size);
    if (mpi->link.rank > 0)
        free(spread);
    free(bytes);
    free(next);
}

/* Everybody has a part of this machine: processors, or the GPUs of the emulator, of which there are two. */
static void place(ts_mpi *mpi, const ts_run_options *options) {
    const ts_settings settings = plain();
    const uint64_t processes = (uint64_t)mpi->link.size;
    for (int named = 0; named < 2; named++) {
        ts_run_options own = *options;
        own.threads = 0;
        own.backend = named ? options->backend : NULL;
        ts_mpi_place place;
        ts_error error = {0};
        if (ts_mpi_share_machine(mpi, &settings, &own, &place, &error) != TS_OK)
            fail_msg("%s", error.message);
        assert_int_equal(place.machines, 1);
        assert_int_equal(place.processes, processes);
        assert_true(own.threads >= 1);
        if (strcmp(options->backend, "cuda") != 0) {
            assert_int_equal(place.devices, 0);
            assert_true(place.threads >= processes);
            continue;
        }
        const bool alone = processes == 1;
        assert_int_equal(place.devices, alone ? 2 : named ? processes : 2);
        assert_int_equal(place.without_device, alone || named ? 0 : processes - 2);
        for (size_t i = 0; i < own.device_count; i++)
            assert_int_equal(own.devices[i], alone ? (int)i : mpi->link.rank % 2);
        assert_true(named || (own.device_count > 0) == (mpi->link.rank < 2));
        assert_string_equal(own.backend ? own.backend : "auto", named ? "cuda" : own.device_count > 0 ? "auto" : "cpu");
    }
}

static const struct {
    const char *name;
    void (*run)(ts_mpi *mpi, const ts_run_options *options);
} tests[] = {{"same", same}, {"stop", stop}, {"fails", fails}, {"parcels", parcels}, {"place", place}};

int main(int argc, char **argv) {
    static ts_mpi mpi;
    ts_error error = {0};
    bool found = false;
    alarm(300); /* who waits for ever fails */
    if (ts_mpi_begin(&mpi, &error) != TS_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    const ts_run_options options = {.backend = argc > 2 ? argv[2] : "cpu", .threads = 1};
    for (size_t i = 0; argc > 1 && i < sizeof tests / sizeof tests[0]; i++)
        if (strcmp(tests[i].name, argv[1]) == 0) {
            tests[i].run(&mpi, &options);
            found = true;
        }
    ts_mpi_end(&mpi);
    return !found;
}
