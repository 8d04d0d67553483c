#include "backend/machine.h"

#include "backend/cgroup.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static double page_bytes(void) {
    return (double)sysconf(_SC_PAGESIZE);
}

/* The least limit of the groups around this process. "max" is none; version 1 writes a number that no machine has. */
static double limit_of_groups(const char *root) {
    double least = HUGE_VAL;
    ts_cgroup group;
    char line[64];
    for (bool more = ts_cgroup_find(&group, root, "memory"); more; more = ts_cgroup_up(&group)) {
        const char *file = group.version == 2 ? "memory.max" : "memory.limit_in_bytes";
        if (ts_cgroup_line(&group, file, line, sizeof line) && isdigit((unsigned char)line[0]))
            least = fmin(least, strtod(line, NULL));
    }
    return least;
}

/* Bytes that this process has mapped, all of them and those that count as its data. Both 0 where nothing tells. */
static void read_mapped(const char *root, double *all, double *data) {
    char path[PATH_MAX], line[256] = "";
    snprintf(path, sizeof path, "%s/proc/self/statm", root);
    FILE *file = fopen(path, "re");
    const bool told = file && fgets(line, sizeof line, file);
    if (file)
        fclose(file);
    char *at = line;
    for (int field = 0; field < 6; field++) { /* pages; the first is all, the last data */
        *data = told ? page_bytes() * strtod(at, &at) : 0;
        *all = field == 0 ? *data : *all;
    }
}

/* What a limit of the process leaves beside what is `used` of it. */
static double left_of(__rlimit_resource_t resource, double used) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return HUGE_VAL;
    return fmax(0, (double)limit.rlim_cur - used);
}

double ts_machine_memory(const char *root) {
    double all, data;
    read_mapped(root, &all, &data);
    const double physical = page_bytes() * (double)sysconf(_SC_PHYS_PAGES);
    const double of_process = fmin(left_of(RLIMIT_AS, all), left_of(RLIMIT_DATA, data));
    return fmin(fmin(physical, limit_of_groups(root)), of_process);
}
