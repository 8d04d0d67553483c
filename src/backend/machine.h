/* What this machine offers a process. */
#ifndef TS_BACKEND_MACHINE_H
#define TS_BACKEND_MACHINE_H

/* Bytes of memory that this process may come to use: those of the machine, or fewer where a control group (a container,
 * a batch system) or a limit of the process (ulimit -v, ulimit -d) says so. The files of Linux that tell of these are
 * looked for below `root`; "" is this machine. */
double ts_machine_memory(const char *root);

#endif
