/* A program as a child process: it is told something on its standard input, and what it answers is kept. It ends with
 * this process, however that ends, and when it makes no progress. No shell is involved, and no temporary file. */
#ifndef TS_IO_PROGRAM_H
#define TS_IO_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct ts_bytes {
    char *item; /* [room], of which `size` are there */
    size_t size, room;
} ts_bytes;

typedef struct ts_program {
    pid_t process;
    int input, output, complaints; /* our ends of its standard streams; -1: closed */
    ts_bytes answer;               /* what came from its standard output */
    ts_bytes complaint;            /* the end of what came from its standard error */
    double patience, idle;         /* seconds without progress: until it is given up, and so far */
    double processor_time;         /* seconds that it was seen to have used */
    bool ended;                    /* it is no more, and `state` is what waitpid says of it */
    int state;
    bool stuck; /* it was given up */
    int reason; /* errno where the answer could not be kept, else 0 */
} ts_program;

/* Start arguments[0], which is looked up in PATH. To make progress is to take input, to give output or to use the
 * processor; a child that makes none for `patience` seconds is killed. Returns 0, or an errno value with nothing to
 * finish. */
int ts_program_start(ts_program *child, char *const arguments[], double patience);

/* Tell it `bytes` [size], and keep meanwhile what it answers. False when it takes no more of them. */
bool ts_program_tell(ts_program *child, const char *bytes, size_t size);

/* End its input, keep the rest of its answer, and wait for its end; nothing of it is left then but its bytes. */
void ts_program_finish(ts_program *child);

/* Its bytes. */
void ts_program_free(ts_program *child);

#endif
