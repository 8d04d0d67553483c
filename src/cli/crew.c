#include "cli/crew.h"

#include "cli/cli.h"

#include <argp.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void ts_crew_parse(const ts_cli_crew *crew, const struct argp *argp, int argc, char **argv, void *input) {
    const bool is_mute = !ts_has_files(crew);
    const int out = is_mute ? dup(STDOUT_FILENO) : -1, err = is_mute ? dup(STDERR_FILENO) : -1;
    const int nowhere = is_mute ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    if (nowhere >= 0) {
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        close(nowhere);
    }
    argp_parse(argp, argc, argv, 0, NULL, input);
    if (out >= 0 && err >= 0) {
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
    }
    if (out >= 0)
        close(out);
    if (err >= 0)
        close(err);
}

ts_status ts_crew_in_turn(const ts_cli_crew *crew, ts_status (*deed)(void *context), void *context) {
    ts_status status = ts_has_files(crew) ? deed(context) : TS_OK;
    status = ts_crew_agree(crew, status);
    if (status == TS_OK && crew)
        status = ts_crew_agree(crew, ts_has_files(crew) ? TS_OK : deed(context));
    return status;
}

void ts_crew_print_error(const ts_cli_crew *crew, const ts_error *error) {
    if (error->message[0] && (ts_has_files(crew) || strcmp(error->message, TS_TEAM_FAILED) != 0))
        ts_print_error(error);
}
