#include "machine.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_processor(char *name, size_t size) {
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[512];
    snprintf(name, size, "unknown");
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        colon[1 + strcspn(colon + 1, "\n")] = '\0';
        snprintf(name, size, "%s", colon + 1 + strspn(colon + 1, " "));
        break;
    }
    if (file)
        fclose(file);
}

/* Is this the first of the threads of its core? */
static int leads_core(int thread) {
    char path[96], list[64] = "";
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", thread);
    FILE *file = fopen(path, "r");
    if (!file)
        return 1;
    const char *read = fgets(list, sizeof list, file);
    fclose(file);
    return !read || strtol(list, NULL, 10) == thread;
}

bench_machine bench_machine_now(void) {
    bench_machine machine = {.threads = (int)sysconf(_SC_NPROCESSORS_ONLN), .available = omp_get_num_procs()};
    read_processor(machine.processor, sizeof machine.processor);
    for (int i = 0; i < machine.threads; i++)
        machine.cores += leads_core(i);
    if (getloadavg(&machine.load, 1) != 1)
        machine.load = NAN;
    return machine;
}
