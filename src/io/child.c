#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The address sanitizer maps terabytes, and its reports must be seen. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Bytes of address space in use. */
static double mapped(void) {
    char line[256] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    const bool told = file && fgets(line, sizeof line, file);
    if (file)
        fclose(file);
    return told ? strtod(line, NULL) * (double)sysconf(_SC_PAGESIZE) : 0; /* it is in pages */
}

/* Set a limit, or as much as is allowed. */
static void set_limit(__rlimit_resource_t resource, double value) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        return;
    const bool allowed = value < (double)limit.rlim_max;
    limit.rlim_cur = allowed ? (rlim_t)value : limit.rlim_max;
    (void)setrlimit(resource, &limit);
}

void ts_child_allow(unsigned seconds) {
    struct rusage used;
    signal(SIGXCPU, SIG_DFL); /* else it is ignored, as what warns the parent */
    if (getrusage(RUSAGE_SELF, &used) == 0)
        set_limit(RLIMIT_CPU, (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + seconds + 1);
}

/* Handlers are the parent's, who may have one for crashes that goes on with the parent's work. And the child is not to
 * be stopped by what stops its parent: that closes the channel, or waits for it. */
static void set_signals(const sigset_t *before) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGUSR1, SIGUSR2, SIGXFSZ, SIGPIPE};
    struct sigaction handled;
    for (int number = 1; number < NSIG; number++)
        if (sigaction(number, NULL, &handled) == 0 && handled.sa_handler != SIG_IGN)
            signal(number, SIG_DFL);
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
    sigprocmask(SIG_SETMASK, before, NULL);
}

static void silence(void) {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0)
        return;
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

static void begin(pid_t parent, const sigset_t *before, ts_child_limits limits) {
    set_signals(before);
    if (limits.ends_soon && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() != parent)
        _exit(EXIT_FAILURE); /* it was gone before this was asked for */
    set_limit(RLIMIT_CORE, 0);
    if (SANITIZED)
        return;
    if (limits.memory > 0)
        set_limit(RLIMIT_AS, mapped() + limits.memory);
    silence();
}

int ts_child_start(ts_child *child, ts_child_work *work, void *context, ts_child_limits limits) {
    int ends[2];
    sigset_t all, before;
    const pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return errno;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before); /* no handler of the parent's runs in the child */
    child->process = fork();
    if (child->process == 0) {
        close(ends[0]);
        begin(parent, &before, limits);
        _exit(work(context, ends[1]));
    }
    const int code = child->process < 0 ? errno : 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    child->channel = ends[0];
    if (code != 0)
        close(ends[0]);
    return code;
}

static void explain(int state, char *reason, size_t size) {
    const int number = WIFSIGNALED(state) ? WTERMSIG(state) : 0;
    if (number == SIGXCPU)
        snprintf(reason, size, "it came to no end");
    else if (number == SIGKILL)
        snprintf(reason, size, "its process was killed, perhaps for want of memory");
    else
        snprintf(reason, size, "its process crashed (%s)", number > 0 ? strsignal(number) : "for no known reason");
}

int ts_child_end(ts_child *child, char *reason, size_t size) {
    int state;
    close(child->channel);
    while (waitpid(child->process, &state, 0) < 0)
        if (errno != EINTR) {
            snprintf(reason, size, "its process was lost: %s", strerror(errno));
            return -1;
        }
    if (WIFEXITED(state))
        return WEXITSTATUS(state);
    explain(state, reason, size);
    return -1;
}

bool ts_child_send(int channel, const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        const ssize_t sent = send(channel, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        at += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

bool ts_child_receive(int channel, void *bytes, size_t size) {
    char *at = bytes;
    while (size > 0) {
        const ssize_t got = recv(channel, at, size, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        at += got > 0 ? got : 0;
        size -= got > 0 ? (size_t)got : 0;
    }
    return true;
}
