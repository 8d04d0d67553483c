/* How many threads a run takes: processors, containers, and what OpenMP was told. */
#include "backend/processors.h"
#include "fake_machine.h"

#include "backend/backend.h"

#include <omp.h>

static void version_2_limits_the_time_of_every_group(void **state) {
    (void)state;
    fake_file("proc/self/cgroup", "0::/user/job\n");
    fake_file("proc/self/mountinfo", "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    assert_true(ts_processors_of_groups(fake_root) == INFINITY);
    fake_file("sys/fs/cgroup/user/job/cpu.max", "max 100000\n");
    assert_true(ts_processors_of_groups(fake_root) == INFINITY);
    fake_file("sys/fs/cgroup/user/job/cpu.max", "250000 100000\n");
    assert_true(ts_processors_of_groups(fake_root) == 2.5);
    fake_file("sys/fs/cgroup/user/cpu.max", "50000 100000\n");
    assert_true(ts_processors_of_groups(fake_root) == 0.5);
    fake_file("sys/fs/cgroup/user/cpu.max", "nonsense\n");
    assert_true(ts_processors_of_groups(fake_root) == 2.5);
}

static void version_1_has_two_files(void **state) {
    (void)state;
    fake_file("proc/self/cgroup", "4:memory:/job\n3:cpu,cpuacct:/job\n");
    fake_file("proc/self/mountinfo", "31 20 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n");
    fake_file("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n");
    fake_file("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
    assert_true(ts_processors_of_groups(fake_root) == INFINITY);
    fake_file("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "300000\n");
    assert_true(ts_processors_of_groups(fake_root) == 3);
    fake_file("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "0\n");
    assert_true(ts_processors_of_groups(fake_root) == INFINITY);
}

static void a_machine_without_groups_is_not_limited(void **state) {
    (void)state;
    assert_true(ts_processors_of_groups(fake_root) == INFINITY);
    assert_true(ts_processors() >= 1 && ts_processors() <= omp_get_num_procs());
}

static void threads_are_those_asked_for_or_what_openmp_was_told(void **state) {
    (void)state;
    const ts_run_options default_options = {0}, three = {.threads = 3};
    assert_int_equal(ts_thread_count(&three, 1000), 3);
    assert_int_equal(ts_thread_count(&three, 2), 2);
    assert_int_equal(ts_thread_count(&default_options, 1000), ts_processors());
    const int before = omp_get_max_threads(), more = omp_get_num_procs() + 1;
    omp_set_num_threads(more);
    assert_int_equal(ts_thread_count(&default_options, 1000), more);
    omp_set_num_threads(1);
    assert_int_equal(ts_thread_count(&default_options, 1000), 1);
    assert_int_equal(ts_thread_count(&three, 1000), 3);
    omp_set_num_threads(before);
    const int levels = omp_get_max_active_levels();
    omp_set_max_active_levels(0);
    assert_int_equal(ts_thread_count(&three, 1000), 1);
    omp_set_max_active_levels(levels);
}

/* OpenMP may be allowed to start fewer threads than asked for; a run does not leave one out, and leaves that setting as
 * it is. */
static void a_run_has_all_its_threads(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    const double epsilon = 0.1;
    const uint32_t neurons = 20;
    settings.h = 1e-4;
    settings.steps = 2000;
    settings.replicates = 400;
    set_axes(&settings, &epsilon, 1, &(double){neurons}, 1);
    omp_set_dynamic(1);
    ts_sweep *sweep = create_sweep(&settings);
    ts_run_report report;
    assert_int_equal(ts_sweep_run(sweep, &(ts_run_options){.backend = "cpu", .threads = 3}, &report, NULL), TS_OK);
    assert_int_equal(report.threads, 3);
    for (int i = 0; i < 3; i++)
        assert_true(report.busy_seconds[i] > 0);
    assert_true(omp_get_dynamic());
    omp_set_dynamic(0);
    ts_sweep_destroy(sweep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        in_fake_machine(version_2_limits_the_time_of_every_group),
        in_fake_machine(version_1_has_two_files),
        in_fake_machine(a_machine_without_groups_is_not_limited),
        cmocka_unit_test(threads_are_those_asked_for_or_what_openmp_was_told),
        cmocka_unit_test(a_run_has_all_its_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
