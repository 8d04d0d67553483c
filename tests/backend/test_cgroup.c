/* Control groups of both versions, in containers and outside, as files of a made-up machine. */
#include "backend/cgroup.h"
#include "backend/fake_machine.h"

static const char version_2[] = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
static const char version_1[] = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
                                "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                                "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                                "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

/* Find `controller`, whose group must be this folder below the root. */
static ts_cgroup find(const char *controller, int version, const char *folder) {
    ts_cgroup group;
    assert_true(ts_cgroup_find(&group, fake_root, controller));
    assert_int_equal(group.version, version);
    assert_string_equal(group.folder + strlen(fake_root), folder);
    return group;
}

static void up(ts_cgroup *group, const char *folder) {
    assert_true(ts_cgroup_up(group));
    assert_string_equal(group->folder + strlen(fake_root), folder);
}

static void every_group_around_the_process_is_visited(void **state) {
    (void)state;
    fake_file("proc/self/mountinfo", version_2);
    fake_file("proc/self/cgroup", "0::/user.slice/session.scope\n");
    ts_cgroup group = find("memory", 2, "/sys/fs/cgroup/user.slice/session.scope");
    up(&group, "/sys/fs/cgroup/user.slice");
    up(&group, "/sys/fs/cgroup");
    assert_false(ts_cgroup_up(&group));
}

static void version_1_has_a_hierarchy_for_each_controller(void **state) {
    (void)state;
    fake_file("proc/self/mountinfo", version_1);
    fake_file("proc/self/cgroup", "9:name=systemd:/\n4:memory:/batch/job_7\n1:cpu,cpuacct:/\n0::/batch\n");
    ts_cgroup group = find("memory", 1, "/sys/fs/cgroup/memory/batch/job_7");
    up(&group, "/sys/fs/cgroup/memory/batch");
    group = find("cpu", 1, "/sys/fs/cgroup/cpu,cpuacct");
    assert_false(ts_cgroup_up(&group));
    group = find("io", 2, "/sys/fs/cgroup/unified/batch"); /* version 1 does not have it */
}

static void a_container_sees_its_own_group(void **state) {
    (void)state;
    fake_file("proc/self/mountinfo", "40 9 0:32 /docker/c0ffee /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
    fake_file("proc/self/cgroup", "4:memory:/docker/c0ffee\n");
    ts_cgroup group = find("memory", 1, "/sys/fs/cgroup/memory");
    assert_false(ts_cgroup_up(&group));
    fake_file("proc/self/cgroup", "4:memory:/docker/c0ffee/inner\n");
    find("memory", 1, "/sys/fs/cgroup/memory/inner");
    fake_file("proc/self/cgroup", "4:memory:/docker/c0ffee2\n"); /* begins alike and is another */
    find("memory", 1, "/sys/fs/cgroup/memory");
    fake_file("proc/self/cgroup", "4:memory:/../../elsewhere\n");
    find("memory", 1, "/sys/fs/cgroup/memory");
}

static void a_path_with_blanks_is_read(void **state) {
    (void)state;
    fake_file("proc/self/mountinfo", "40 9 0:32 / /my\\040groups\\134x ro - cgroup2 none rw\n");
    fake_file("proc/self/cgroup", "0::/a b\n");
    find("memory", 2, "/my groups\\x/a b");
}

static void a_machine_without_groups_has_none(void **state) {
    (void)state;
    ts_cgroup group;
    assert_false(ts_cgroup_find(&group, fake_root, "memory"));
    fake_file("proc/self/cgroup", "4:memory:/\nnonsense\n");
    assert_false(ts_cgroup_find(&group, fake_root, "memory"));
    fake_file("proc/self/mountinfo", "nonsense\n1 2 - \n35 31 0:32 / /x rw - cgroup cgroup rw,memory_and_more\n");
    assert_false(ts_cgroup_find(&group, fake_root, "memory"));
}

static void one_line_of_a_file_is_read(void **state) {
    (void)state;
    char line[16] = "";
    fake_file("proc/self/mountinfo", version_2);
    fake_file("proc/self/cgroup", "0::/a\n");
    fake_file("sys/fs/cgroup/a/cpu.max", "200000 100000\n");
    fake_file("sys/fs/cgroup/a/long", "12345678901234567890\n");
    fake_file("sys/fs/cgroup/a/open", "max");
    const ts_cgroup group = find("cpu", 2, "/sys/fs/cgroup/a");
    assert_true(ts_cgroup_line(&group, "cpu.max", line, sizeof line));
    assert_string_equal(line, "200000 100000");
    assert_true(ts_cgroup_line(&group, "open", line, sizeof line));
    assert_string_equal(line, "max");
    assert_false(ts_cgroup_line(&group, "long", line, sizeof line));
    assert_false(ts_cgroup_line(&group, "memory.max", line, sizeof line));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        in_fake_machine(every_group_around_the_process_is_visited),
        in_fake_machine(version_1_has_a_hierarchy_for_each_controller),
        in_fake_machine(a_container_sees_its_own_group),
        in_fake_machine(a_path_with_blanks_is_read),
        in_fake_machine(a_machine_without_groups_has_none),
        in_fake_machine(one_line_of_a_file_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
