#include "io/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK 0.01                      /* seconds between two looks at a child that is silent */
#define MOST_COMPLAINTS (1U << 16)     /* bytes of them that are kept */
#define READ_SIZE ((size_t)(1U << 16)) /* bytes */

/* Both ends of each standard stream; the child has those with index 1. The report is for exec: when that succeeds the
 * end of the child closes, else it tells why. */
typedef struct child_pipes {
    int input[2], output[2], complaints[2], report[2];
} child_pipes;

static void close_end(int *end) {
    if (*end >= 0)
        close(*end);
    *end = -1;
}

static void close_pair(int pair[2]) {
    close_end(&pair[0]);
    close_end(&pair[1]);
}

static void close_pipes(child_pipes *pipes) {
    close_pair(pipes->input);
    close_pair(pipes->output);
    close_pair(pipes->complaints);
    close_pair(pipes->report);
}

/* A pair of connected sockets above the standard streams, whose places may be free. Sockets instead of pipes: to write
 * to one whose other end is gone can be an error instead of a signal. */
static bool open_pair(int pair[2]) {
    int low[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, low) != 0)
        return false;
    pair[0] = fcntl(low[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    pair[1] = fcntl(low[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int reason = errno;
    close_pair(low);
    errno = reason;
    return pair[0] >= 0 && pair[1] >= 0;
}

static bool open_pipes(child_pipes *pipes) {
    *pipes = (child_pipes){{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    return open_pair(pipes->input) && open_pair(pipes->output) && open_pair(pipes->complaints) &&
           open_pair(pipes->report) && fcntl(pipes->input[0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(pipes->output[0], F_SETFL, O_NONBLOCK) == 0 && fcntl(pipes->complaints[0], F_SETFL, O_NONBLOCK) == 0;
}

/* In the child. A parent that ended before the kernel was asked to end the child with it is seen by its absence. */
_Noreturn static void become(char *const arguments[], const child_pipes *pipes, pid_t parent) {
    bool fine = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && dup2(pipes->input[1], STDIN_FILENO) >= 0 &&
                dup2(pipes->output[1], STDOUT_FILENO) >= 0 && dup2(pipes->complaints[1], STDERR_FILENO) >= 0;
    if (fine && getppid() == parent)
        execvp(arguments[0], arguments);
    int reason = errno;
    (void)!write(pipes->report[1], &reason, sizeof reason);
    _exit(127);
}

/* 0 when the child has become its program, else why not. */
static int read_report(int report) {
    int reason = 0;
    ssize_t got;
    do
        got = read(report, &reason, sizeof reason);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof reason ? reason : 0;
}

int ts_program_start(ts_program *child, char *const arguments[], double patience) {
    child_pipes pipes;
    *child = (ts_program){.process = -1, .input = -1, .output = -1, .complaints = -1, .patience = patience};
    pid_t parent = getpid();
    if (!open_pipes(&pipes) || (child->process = fork()) < 0) {
        int reason = errno;
        close_pipes(&pipes);
        return reason;
    }
    if (child->process == 0)
        become(arguments, &pipes, parent);
    close_end(&pipes.report[1]);
    int reason = read_report(pipes.report[0]);
    if (reason == 0) {
        child->input = pipes.input[0];
        child->output = pipes.output[0];
        child->complaints = pipes.complaints[0];
        pipes.input[0] = pipes.output[0] = pipes.complaints[0] = -1;
    } else {
        waitpid(child->process, &child->state, 0);
    }
    close_pipes(&pipes);
    return reason;
}

/* Read what is there, once. False and *end closed at the end. */
static bool keep(ts_program *child, int *end, ts_bytes *bytes) {
    if (bytes->room - bytes->size < READ_SIZE) {
        size_t room = bytes->room > 0 ? 2 * bytes->room : 4 * READ_SIZE;
        char *larger = realloc(bytes->item, room);
        if (!larger) {
            child->reason = ENOMEM;
            close_end(end);
            return false;
        }
        bytes->item = larger;
        bytes->room = room;
    }
    ssize_t got = read(*end, bytes->item + bytes->size, READ_SIZE);
    if (got > 0) {
        bytes->size += (size_t)got;
        child->idle = 0;
        return true;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    /* A child that ends before it has read everything resets the connection: that is an end like others. */
    if (got < 0 && errno != ECONNRESET)
        child->reason = errno;
    close_end(end);
    return false;
}

static void keep_complaints(ts_program *child) {
    ts_bytes *bytes = &child->complaint;
    if (bytes->size > MOST_COMPLAINTS) {
        size_t rest = MOST_COMPLAINTS / 2;
        memmove(bytes->item, bytes->item + bytes->size - rest, rest);
        bytes->size = rest;
    }
    keep(child, &child->complaints, bytes);
}

/* Send what the child takes at once. */
static void send_some(ts_program *child, const char **bytes, size_t *size) {
    ssize_t sent = send(child->input, *bytes, *size, MSG_NOSIGNAL);
    if (sent > 0) {
        *bytes += sent;
        *size -= (size_t)sent;
        child->idle = 0;
    } else if (errno != EAGAIN && errno != EINTR) {
        close_end(&child->input);
    }
}

static void look_whether_ended(ts_program *child) {
    if (child->ended)
        return;
    pid_t found = waitpid(child->process, &child->state, WNOHANG);
    if (found < 0 && errno != EINTR) /* whoever started this process had the ends of children ignored */
        child->reason = errno;
    child->ended = found > 0 || child->reason == ECHILD;
}

static double processor_time(pid_t process) {
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

/* The child was silent for a tick. Time that this process itself was stopped does not count. */
static void lose_patience(ts_program *child) {
    look_whether_ended(child);
    if (child->ended)
        return;
    double used = processor_time(child->process);
    child->idle = used > child->processor_time ? 0 : child->idle + TICK;
    child->processor_time = used;
    child->stuck = child->idle >= child->patience;
}

/* Wait until the child takes some of `bytes`, answers, or a tick is over. */
static void exchange(ts_program *child, const char **bytes, size_t *size) {
    struct pollfd ends[3] = {{.fd = *size > 0 ? child->input : -1, .events = POLLOUT},
                             {.fd = child->output, .events = POLLIN},
                             {.fd = child->complaints, .events = POLLIN}};
    int ready = poll(ends, 3, (int)(1000 * TICK));
    if (ready == 0)
        lose_patience(child);
    if (ready <= 0)
        return;
    if (ends[0].revents != 0)
        send_some(child, bytes, size);
    if (ends[1].revents != 0)
        keep(child, &child->output, &child->answer);
    if (ends[2].revents != 0)
        keep_complaints(child);
}

static bool is_awaited(const ts_program *child) {
    return !child->ended && !child->stuck && child->reason == 0;
}

bool ts_program_tell(ts_program *child, const char *bytes, size_t size) {
    while (size > 0 && child->input >= 0 && is_awaited(child))
        exchange(child, &bytes, &size);
    return size == 0;
}

/* An answer that was given before the end is still on its way; whoever else has the other end is not waited for. */
static void keep_the_rest(ts_program *child) {
    size_t before;
    do {
        before = child->answer.size;
        if (child->output >= 0)
            keep(child, &child->output, &child->answer);
    } while (child->answer.size > before);
    if (child->complaints >= 0)
        keep_complaints(child);
}

/* The kernel may keep a process that was killed until a disk answers; that is not waited for. */
static void end_now(ts_program *child) {
    kill(child->process, SIGKILL);
    for (int tick = 0; tick < 100 && !child->ended; tick++) {
        poll(NULL, 0, (int)(1000 * TICK));
        look_whether_ended(child);
    }
}

void ts_program_finish(ts_program *child) {
    const char *nothing = NULL;
    size_t none = 0;
    close_end(&child->input);
    while (is_awaited(child)) {
        exchange(child, &nothing, &none);
        if (child->output < 0 && child->complaints < 0)
            look_whether_ended(child);
    }
    if (!child->ended)
        end_now(child);
    keep_the_rest(child);
    close_end(&child->output);
    close_end(&child->complaints);
}

void ts_program_free(ts_program *child) {
    free(child->answer.item);
    free(child->complaint.item);
    child->answer = child->complaint = (ts_bytes){0};
}
