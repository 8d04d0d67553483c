#include "io/gnuplot.h"

#include "io/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMPLAINT_SIZE 256

/* Start gnuplot between three files. Returns 0 or what posix_spawn says. */
static int start(pid_t *child, int input, int output, int complaints) {
    char name[] = "gnuplot", no_user_files[] = "--default-settings";
    char *arguments[] = {name, no_user_files, NULL};
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return code;
    code = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    if (code == 0)
        code = posix_spawnp(child, name, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

/* Read to the end. False and errno when that fails. */
static bool read_all(int file, char **bytes, size_t *size) {
    size_t room = 0;
    for (;;) {
        if (*size == room) {
            room = room > 0 ? 2 * room : 1U << 18;
            char *larger = realloc(*bytes, room);
            if (larger == NULL)
                return false;
            *bytes = larger;
        }
        ssize_t got = read(file, *bytes + *size, room - *size);
        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        *size += got > 0 ? (size_t)got : 0;
    }
}

/* The last line with words in what gnuplot wrote to its standard error, without the place in the script. */
static void read_complaint(FILE *complaints, char complaint[COMPLAINT_SIZE]) {
    char line[COMPLAINT_SIZE];
    strcpy(complaint, "it gave no reason");
    rewind(complaints);
    while (fgets(line, sizeof line, complaints) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *words = line + strspn(line, " \t^");
        char *place = strstr(words, "line ");
        char *end = place != NULL ? strstr(place, ": ") : NULL;
        if (end != NULL)
            words = end + 2;
        if (words[0] != '\0')
            strcpy(complaint, words);
    }
}

static ts_status wait_for(pid_t child, FILE *complaints, ts_error *error) {
    int state;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR)
            return ts_io_fail(error, TS_FAILED, "lost sight of gnuplot: %s", strerror(errno));
    if (WIFSIGNALED(state))
        return ts_io_fail(error, TS_FAILED, "gnuplot was ended by signal %d", WTERMSIG(state));
    if (WEXITSTATUS(state) == 0)
        return TS_OK;
    char complaint[COMPLAINT_SIZE];
    read_complaint(complaints, complaint);
    return ts_io_fail(error, TS_FAILED, "gnuplot could not draw the picture: %s", complaint);
}

static ts_status run_between(FILE *script, FILE *complaints, const int ends[2], char **picture, size_t *size,
                             ts_error *error) {
    pid_t child;
    int write_end = ends[1];
    int code = start(&child, fileno(script), write_end, fileno(complaints));
    close(write_end);
    if (code == ENOENT)
        return ts_io_fail(error, TS_FAILED, "gnuplot was not found: install the package gnuplot-nox");
    if (code != 0)
        return ts_io_fail(error, TS_FAILED, "gnuplot could not be started: %s", strerror(code));
    bool all = read_all(ends[0], picture, size);
    int reason = errno;
    if (!all)
        kill(child, SIGTERM);
    ts_status status = wait_for(child, complaints, error);
    if (!all)
        return ts_io_fail(error, TS_FAILED, "the picture could not be read from gnuplot: %s", strerror(reason));
    if (status == TS_OK && *size == 0)
        return ts_io_fail(error, TS_FAILED, "gnuplot drew nothing");
    return status;
}

ts_status ts_gnuplot_run(FILE *script, char **picture, size_t *size, ts_error *error) {
    int ends[2];
    *picture = NULL;
    *size = 0;
    FILE *complaints = tmpfile();
    if (complaints == NULL)
        return ts_io_fail(error, TS_FAILED, "no temporary file for gnuplot: %s", strerror(errno));
    ts_status status;
    if (fflush(script) != 0 || ferror(script) || lseek(fileno(script), 0, SEEK_SET) != 0)
        status = ts_io_fail(error, TS_FAILED, "the script for gnuplot could not be written: %s", strerror(errno));
    else if (pipe2(ends, O_CLOEXEC) != 0)
        status = ts_io_fail(error, TS_FAILED, "no pipe to gnuplot: %s", strerror(errno));
    else {
        status = run_between(script, complaints, ends, picture, size, error);
        close(ends[0]);
    }
    fclose(complaints);
    if (status != TS_OK) {
        free(*picture);
        *picture = NULL;
        *size = 0;
    }
    return status;
}

/* Between single quotes gnuplot reads everything literally but the quote, which is doubled. */
void ts_gnuplot_string(FILE *script, const char *text, size_t bytes) {
    fputc('\'', script);
    for (size_t at = 0; at < bytes; at++) {
        if (text[at] == '\'')
            fputc('\'', script);
        fputc(text[at], script);
    }
    fputc('\'', script);
}
