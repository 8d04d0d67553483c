/* timescape_mpi run ...: timescape run by all processes of an MPI job. */
#include "cli/cli.h"
#include "cli/crew.h"
#include "mpi/place.h"

#include <stdlib.h>
#include <string.h>

/* All that there is of it; exit() needs it, too. */
static struct {
    ts_mpi mpi;
    ts_mpi_place place;
    bool is_open;     /* MPI has begun and not ended */
    bool has_started; /* arguments and configuration are fine, and processes do different things from here on */
} job;

/* Wrong arguments end every process in the same place, and MPI with them. Later ends of one process alone are the end
 * of the job. */
static void on_exit_of_process(void) {
    if (job.is_open && job.has_started)
        MPI_Abort(MPI_COMM_WORLD, TS_FAILED);
    if (job.is_open)
        ts_mpi_end(&job.mpi);
}

/* ---- a crew */

static void send(void *context, const void *bytes, size_t size) {
    ts_mpi_send(context, bytes, size);
}

static uint8_t *receive(void *context, uint32_t *from, size_t *size) {
    int rank = 0;
    uint8_t *bytes = ts_mpi_receive(context, &rank, size);
    *from = (uint32_t)rank;
    return bytes;
}

static void gather(void *context) {
    ts_mpi_gather(context);
}

static ts_status spread(void *context, uint8_t **bytes, size_t *size, ts_error *error) {
    return ts_mpi_spread(context, bytes, size, error);
}

static void watch(void *context, ts_run_options *options) {
    ts_mpi_watch(context, options);
}

static void say(const ts_mpi_place *place) {
    fprintf(stderr, "%llu processes on %llu machine%s:", (unsigned long long)place->processes,
            (unsigned long long)place->machines, place->machines == 1 ? "" : "s");
    if (place->devices > 0)
        fprintf(stderr, " %llu GPU%s", (unsigned long long)place->devices, place->devices == 1 ? "" : "s");
    if (place->threads > 0)
        fprintf(stderr, "%s %llu thread%s", place->devices > 0 ? " and" : "", (unsigned long long)place->threads,
                place->threads == 1 ? "" : "s");
    if (place->without_device > 0)
        fprintf(stderr, " (of processes for which there was no GPU)");
    fputc('\n', stderr);
}

static ts_status take_place(void *context, const ts_settings *settings, ts_run_options *options, bool quiet) {
    ts_mpi *mpi = context;
    ts_error error = {0};
    job.has_started = true;
    const ts_status status = ts_mpi_share_machine(mpi, settings, options, &job.place, &error);
    if (status != TS_OK && error.message[0] && (mpi->link.rank == 0 || strcmp(error.message, TS_TEAM_FAILED) != 0))
        ts_print_error(&error);
    if (status == TS_OK && !quiet)
        say(&job.place);
    return status;
}

static int run(int argc, char **argv) {
    ts_mpi *mpi = &job.mpi;
    const ts_cli_crew crew = {
        .team = &mpi->team,
        .post = {mpi, send, receive, gather, spread},
        .context = mpi,
        .take_place = take_place,
        .watch = watch,
    };
    return ts_cli_run_by(argc, argv, &crew);
}

static void print_usage(FILE *stream) {
    fputs("Usage: mpirun -n N timescape_mpi run CONFIG [OPTION...]\n"
          "timescape run by N processes, on one machine or several. Its options: timescape_mpi run --help.\n",
          stream);
}

int main(int argc, char **argv) {
    static char name[] = "timescape_mpi run"; /* in help and usage errors */
    const char *word = argc > 1 ? argv[1] : "";
    const bool helps = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
    ts_error error = {0};
    if (!ts_cli_start())
        return TS_FAILED;
    if (ts_mpi_begin(&job.mpi, &error) != TS_OK) {
        ts_print_error(&error);
        return TS_FAILED;
    }
    job.is_open = true;
    atexit(on_exit_of_process);
    const bool speaks = job.mpi.link.rank == 0;
    int status = helps ? TS_OK : TS_INVALID;
    if (strcmp(word, "run") == 0) {
        argv[1] = name;
        status = run(argc - 1, argv + 1);
    } else if (strcmp(word, "--version") == 0) {
        status = TS_OK;
        if (speaks)
            printf("timescape_mpi %s (%s)\n", ts_version(), ts_commit());
    } else if (speaks)
        print_usage(helps ? stdout : stderr);
    status = ts_cli_end(status);
    ts_mpi_end(&job.mpi);
    job.is_open = false;
    return speaks ? status : TS_OK; /* of the job it is the first that is not 0 */
}
