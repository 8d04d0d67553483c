#include "backend/processors.h"

#include "backend/backend.h"
#include "backend/cgroup.h"

#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

/* Read a number and go past it. -1 where there is none ("max"). */
static double next_number(const char **text) {
    char *end;
    const double number = strtod(*text, &end);
    const double found = end == *text ? -1 : number;
    *text = end;
    return found;
}

/* The first number of a file of the group; -1 where there is no such file. */
static double number_in(const ts_cgroup *group, const char *file) {
    char line[64];
    const char *at = line;
    return ts_cgroup_line(group, file, line, sizeof line) ? next_number(&at) : -1;
}

/* Time a period over length of a period. Version 2 has "max 100000" or "50000 100000" in one file, version 1 a file
 * each, with a time of -1 where there is no limit. */
static double limit_of(const ts_cgroup *group) {
    char line[64] = "";
    const char *at = line;
    double time, period;
    if (group->version == 2) {
        if (!ts_cgroup_line(group, "cpu.max", line, sizeof line))
            return INFINITY;
        time = next_number(&at);
        period = next_number(&at);
    } else {
        time = number_in(group, "cpu.cfs_quota_us");
        period = number_in(group, "cpu.cfs_period_us");
    }
    return time > 0 && period > 0 ? time / period : INFINITY;
}

double ts_processors_of_groups(const char *root) {
    ts_cgroup group;
    double least = INFINITY;
    bool found = ts_cgroup_find(&group, root, "cpu");
    for (; found; found = ts_cgroup_up(&group))
        least = fmin(least, limit_of(&group));
    return least;
}

int ts_processors(void) {
    const double allowed = fmax(ceil(ts_processors_of_groups("")), 1);
    return (int)fmin(omp_get_num_procs(), allowed);
}

int ts_threads_told(void) {
    const int told = omp_get_max_threads();
    return told == omp_get_num_procs() ? 0 : told;
}

/* OpenMP's own default does not know of containers. */
static int default_threads(void) {
    const int told = ts_threads_told();
    return told > 0 ? told : ts_processors();
}

int ts_thread_count(const ts_run_options *options, uint64_t trainings) {
    uint64_t threads = (uint64_t)(options->threads > 0 ? options->threads : default_threads());
    threads = threads > (uint64_t)omp_get_thread_limit() ? (uint64_t)omp_get_thread_limit() : threads;
    if (omp_get_active_level() >= omp_get_max_active_levels()) /* a parallel region has one thread here */
        threads = 1;
    return (int)(threads > trainings ? trainings : threads);
}

static size_t own_stack(void) {
    pthread_attr_t attributes;
    size_t size = SIZE_MAX;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return SIZE_MAX;
    if (pthread_attr_getstacksize(&attributes, &size) != 0)
        size = SIZE_MAX;
    pthread_attr_destroy(&attributes);
    return size;
}

size_t ts_stack_of_threads(int threads) {
    size_t least = SIZE_MAX;
#pragma omp parallel num_threads(threads) reduction(min : least)
    if (omp_get_thread_num() > 0)
        least = own_stack();
    return least;
}
