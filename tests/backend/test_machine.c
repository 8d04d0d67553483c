/* How much memory there is, with the limits of made-up containers and real ones of the process. */
#include "backend/fake_machine.h"
#include "backend/machine.h"

#include <sys/resource.h>

#define MIB 1048576.0

static void version_2(const char *outer, const char *inner) {
    fake_file("proc/self/mountinfo", "30 22 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
    fake_file("proc/self/cgroup", "0::/outer/inner\n");
    fake_file("cg/outer/memory.max", outer);
    fake_file("cg/outer/inner/memory.max", inner);
}

static void without_limits_there_is_what_the_machine_has(void **state) {
    (void)state;
    const double physical = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    assert_true(ts_machine_memory(fake_root) == physical);
    version_2("max\n", "max\n");
    assert_true(ts_machine_memory(fake_root) == physical);
    fake_file("proc/self/mountinfo", "35 31 0:32 / /cg rw - cgroup cgroup rw,memory\n");
    fake_file("proc/self/cgroup", "4:memory:/\n");
    fake_file("cg/memory.limit_in_bytes", "9223372036854771712\n"); /* none */
    assert_true(ts_machine_memory(fake_root) == physical);
    assert_in_range((uint64_t)ts_machine_memory(""), 1, (uint64_t)physical);
}

static void the_least_limit_around_the_process_counts(void **state) {
    (void)state;
    version_2("8388608\n", "max\n");
    assert_true(ts_machine_memory(fake_root) == 8 * MIB);
    version_2("8388608\n", "4194304\n");
    assert_true(ts_machine_memory(fake_root) == 4 * MIB);
    version_2("8388608\n", "16777216\n");
    assert_true(ts_machine_memory(fake_root) == 8 * MIB);
    fake_file("proc/self/mountinfo", "35 31 0:32 / /cg rw - cgroup cgroup rw,memory\n");
    fake_file("proc/self/cgroup", "4:memory:/job\n");
    fake_file("cg/job/memory.limit_in_bytes", "2097152\n");
    assert_true(ts_machine_memory(fake_root) == 2 * MIB);
}

/* With 100 pages mapped, 25 of them data. The limits are those of this process only while nothing is allocated. */
static void limits_of_the_process_count(void **state) {
    (void)state;
    const int kinds[] = {RLIMIT_AS, RLIMIT_DATA};
    const double pages[] = {100, 25}, room = 4096 * MIB;
    fake_file("proc/self/statm", "100 50 10 5 0 25 0\n");
    for (size_t k = 0; k < 2; k++) {
        struct rlimit before, limit;
        getrlimit((__rlimit_resource_t)kinds[k], &before);
        limit = before;
        limit.rlim_cur = (rlim_t)room;
        assert_int_equal(setrlimit((__rlimit_resource_t)kinds[k], &limit), 0);
        const double found = ts_machine_memory(fake_root);
        assert_int_equal(setrlimit((__rlimit_resource_t)kinds[k], &before), 0);
        const double left = room - pages[k] * (double)sysconf(_SC_PAGESIZE);
        const double physical = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
        assert_true(found == fmin(left, physical));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        in_fake_machine(without_limits_there_is_what_the_machine_has),
        in_fake_machine(the_least_limit_around_the_process_counts),
        in_fake_machine(limits_of_the_process_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
