/* What a program does first and last, whatever its verb. */
#include "cli/cli.h"

#include <argp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#define LEAST_STACK (1 << 20) /* bytes */

/* The system ends a program without a word when its stack runs over, and gives the threads what is allowed to the first
 * one. */
static bool has_stack(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= LEAST_STACK)
        return true;
    fprintf(stderr, "timescape: the limit of the stack is %llu KiB, needed are %d: see ulimit -s\n",
            (unsigned long long)limit.rlim_cur / 1024, LEAST_STACK / 1024);
    return false;
}

bool ts_cli_start(void) {
    argp_err_exit_status = TS_INVALID;
    if (!has_stack())
        return false;
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error to report, not a signal to die of */
    signal(SIGCHLD, SIG_DFL); /* who starts this program may have ignored it, and then no child could be waited for */
    setenv("CUDA_DEVICE_MAX_CONNECTIONS", "32", 0); /* CUDA's own default of 8 makes waves wait for each other */
    return true;
}

/* Output that could not be written (a full disk behind a pipe) is a failure, too; not so for a reader who has seen
 * enough, as `head`. */
int ts_cli_end(int status) {
    if ((fflush(stdout) == 0 && !ferror(stdout)) || ts_reader_is_gone(stdout))
        return status;
    fputs("timescape: standard output could not be written\n", stderr);
    return status == TS_OK ? TS_FAILED : status;
}
