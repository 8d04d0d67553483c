/* Work in a process of its own. What goes wrong there (a crash, work without an end, too much memory) is a sentence
 * here, and never the end of the program. */
#ifndef TS_IO_CHILD_H
#define TS_IO_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct ts_child {
    pid_t process;
    int channel; /* this end of a socket; the other one is the child's */
} ts_child;

/* What the child does; returns its exit status. It is alone: the other threads of the program are not there, so that it
 * must not wait for any, nor touch a GPU. It shares the open files of its parent. */
typedef int ts_child_work(void *context, int channel);

typedef struct ts_child_limits {
    double memory;  /* bytes that the child may ask for beyond those that it begins with; 0: no limit */
    bool ends_soon; /* with its parent: the child is killed when that is gone; else it goes on to its end */
} ts_child_limits;

/* Begin `work` in a new process. Signals by which a user ends programs are ignored there, and so are standard output
 * and error: a library that crashes has a lot to say. Returns 0, or an errno. */
int ts_child_start(ts_child *child, ts_child_work *work, void *context, ts_child_limits limits);

/* Close the channel and wait. Returns the exit status of the work. Or -1 when it did not come to its end, and then the
 * reason is in `reason` [size]. */
int ts_child_end(ts_child *child, char *reason, size_t size);

/* In the child: from now on, and until the next call, it may work for so many seconds of processor time. */
void ts_child_allow(unsigned seconds);

/* All bytes or none: false when the other side is gone. */
bool ts_child_send(int channel, const void *bytes, size_t size);
bool ts_child_receive(int channel, void *bytes, size_t size);

#endif
