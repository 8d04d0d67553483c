#include "counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_counter(uint64_t which) {
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_HARDWARE,
        .size = sizeof attributes,
        .config = which,
        .inherit = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };
    return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static double read_counter(int counter) {
    uint64_t value;
    return counter >= 0 && read(counter, &value, sizeof value) == sizeof value ? (double)value : NAN;
}

bench_counters bench_counters_open(char *why, size_t size) {
    bench_counters counters = {open_counter(PERF_COUNT_HW_INSTRUCTIONS), -1};
    const int reason = errno;
    why[0] = '\0';
    if (counters.instructions >= 0)
        counters.cycles = open_counter(PERF_COUNT_HW_CPU_CYCLES);
    else if (reason == ENOENT || reason == EOPNOTSUPP)
        snprintf(why, size, "this machine has no counter of instructions, as is common for virtual ones");
    else if (reason == EACCES || reason == EPERM)
        snprintf(why, size, "the kernel does not let this user read them (/proc/sys/kernel/perf_event_paranoid)");
    else
        snprintf(why, size, "perf_event_open says: %s", strerror(reason));
    return counters;
}

bench_counts bench_counters_read(const bench_counters *counters) {
    return (bench_counts){read_counter(counters->instructions), read_counter(counters->cycles)};
}

void bench_counters_close(bench_counters *counters) {
    if (counters->instructions >= 0)
        close(counters->instructions);
    if (counters->cycles >= 0)
        close(counters->cycles);
}
