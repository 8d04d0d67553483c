/* How many processors this process may use, and how many threads a run takes. */
#ifndef TS_BACKEND_PROCESSORS_H
#define TS_BACKEND_PROCESSORS_H

#include <stddef.h>

/* Processors that the system and a container leave to this process: those that it may be scheduled on, or fewer where
 * the control groups around it allow only the time of so many (rounded up). At least 1. */
int ts_processors(void);

/* What the control groups of this process allow, in processors; INFINITY where they do not limit them. Every path
 * begins with `root`; "" is this machine. */
double ts_processors_of_groups(const char *root);

/* Bytes of stack that a thread of a team has (OMP_STACKSIZE); SIZE_MAX where there is only the first thread. The system
 * ends a program without a word when that is too little. */
size_t ts_stack_of_threads(int threads);

#endif
