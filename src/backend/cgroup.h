/* The control groups of this process: where a container, a batch system or systemd writes what it allows. */
#ifndef TS_BACKEND_CGROUP_H
#define TS_BACKEND_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* One group of a hierarchy. Its limits and those of every group around it hold at the same time. */
typedef struct ts_cgroup {
    int version;           /* 1 or 2: the same limit has different files in the two */
    size_t top;            /* bytes of `folder` that name the outermost group that can be seen */
    char folder[PATH_MAX]; /* with the files of the group */
} ts_cgroup;

/* The group of this process in the hierarchy that has `controller` ("memory", "cpu"). Every path begins with `root`; ""
 * is this machine. False where there is none. */
bool ts_cgroup_find(ts_cgroup *group, const char *root, const char *controller);

/* Go to the group around this one. False where there is none that can be seen. */
bool ts_cgroup_up(ts_cgroup *group);

/* The first line of a file of the group, without its end. False where there is no such file, or a longer line. */
bool ts_cgroup_line(const ts_cgroup *group, const char *file, char *line, size_t size);

#endif
