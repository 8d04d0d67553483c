/* What the host side of the CUDA backend decides without a GPU: shapes, jobs, and the words for a GPU that is not used.
 */
#include "support.h"

#include "backend/cuda/jobs.h"
#include "backend/cuda/probe.h"

static void every_network_has_a_shape(void **state) {
    (void)state;
    size_t count;
    const ts_shape *shapes = ts_shapes(&count);
    for (uint32_t m = 1; m <= TS_MAX_NEURONS; m++)
        for (int group = 0; group <= 128; group = group ? 2 * group : 1) {
            const ts_shape *shape = &shapes[ts_shape_choose(m, group, 1000000, 100000)];
            assert_true(shape->lanes * shape->own >= m);
            assert_true(shape->lanes >= (uint32_t)group);
            assert_int_equal(shape->trainings, shape->lanes < 32 ? 32 / shape->lanes : 1);
            /* no wider than it has to be */
            assert_true(shape->lanes == 1 || shape->lanes == (uint32_t)group || shape->lanes / 2 * 32 < m);
        }
}

static void few_trainings_are_spread_over_lanes(void **state) {
    (void)state;
    size_t count;
    const ts_shape *shapes = ts_shapes(&count);
    assert_int_equal(shapes[ts_shape_choose(20, 0, 1000000, 67584)].lanes, 1);
    assert_int_equal(shapes[ts_shape_choose(20, 0, 10000, 67584)].lanes, 4);
    assert_int_equal(shapes[ts_shape_choose(20, 0, 1, 67584)].lanes, 8); /* 3 neurons each; more lanes have none */
    assert_int_equal(shapes[ts_shape_choose(3, 0, 1, 67584)].lanes, 1);
    assert_int_equal(shapes[ts_shape_choose(300, 0, 1, 67584)].lanes, 32);
}

/* A plan whose jobs are taken by `takers` devices in turn: every replicate once, long trainings first in each shape. */
static void assert_all_taken_once(uint32_t replicates, int lane_group) {
    static const double epsilon[] = {0.01, 0.1, 1};
    static const uint32_t neurons[] = {3, 20, 70, 1030};
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.slow_time = 0.01;
    settings.replicates = replicates;
    set_axes(&settings, epsilon, 3, neurons, 4);
    ts_sweep *sweep = create_sweep(&settings);
    const ts_plan plan = {
        .settings = &sweep->settings, .cells = sweep->cells, .cell_count = sweep->cell_count, .replicates = replicates};
    uint8_t *taken = calloc(sweep->cell_count, replicates);
    ts_jobs jobs;
    assert_non_null(taken);
    assert_true(ts_jobs_create(&jobs, &plan, lane_group, 1));
    bool *open = malloc(jobs.shape_count * sizeof *open);
    uint64_t *last = malloc(jobs.shape_count * sizeof *last);
    assert_true(open && last);
    uint64_t expected = 0, seen = 0;
    for (size_t i = 0; i < jobs.shape_count; i++) {
        open[i] = true;
        last[i] = UINT64_MAX;
        expected += ts_jobs_left(&jobs, i);
    }
    double cost = 0;
    uint64_t longest = UINT64_MAX;
    for (size_t shape; (shape = ts_jobs_longest(&jobs, open)) < jobs.shape_count; seen++) {
        ts_job job;
        assert_false(ts_jobs_take(&jobs, shape, 0, &job)); /* nothing is that cheap */
        assert_true(ts_jobs_take(&jobs, shape, INFINITY, &job));
        assert_true(job.steps <= last[shape] && job.steps <= longest);
        last[shape] = longest = job.steps;
        cost += job.cost;
        assert_in_range(job.count, 1, 32);
        for (uint32_t r = job.first; r < job.first + job.count; r++) {
            assert_true(r < replicates);
            assert_int_equal(taken[job.cell * replicates + r]++, 0);
        }
    }
    assert_int_equal(seen, expected);
    assert_close(cost / jobs.cost, 1, 1e-9);
    for (size_t i = 0; i < sweep->cell_count * replicates; i++)
        assert_int_equal(taken[i], 1);
    free(open);
    free(last);
    free(taken);
    ts_jobs_free(&jobs);
    ts_sweep_destroy(sweep);
}

static void every_training_is_in_one_job(void **state) {
    (void)state;
    const uint32_t replicates[] = {1, 7, 32, 33, 100};
    for (size_t i = 0; i < sizeof replicates / sizeof *replicates; i++)
        for (int group = 0; group <= 128; group = group ? 2 * group : 1)
            assert_all_taken_once(replicates[i], group);
}

static void a_cancelled_plan_gives_nothing(void **state) {
    (void)state;
    static const double epsilon = 1;
    static const uint32_t neurons = 20;
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.steps = 10;
    settings.replicates = 3;
    set_axes(&settings, &epsilon, 1, &neurons, 1);
    ts_sweep *sweep = create_sweep(&settings);
    const ts_plan plan = {.settings = &sweep->settings, .cells = sweep->cells, .cell_count = 1, .replicates = 3};
    ts_jobs jobs;
    ts_job job;
    assert_true(ts_jobs_create(&jobs, &plan, 0, 1));
    const size_t shape = ts_shape_choose(20, 0, 3, 1);
    ts_jobs_cancel(&jobs);
    assert_false(ts_jobs_take(&jobs, shape, INFINITY, &job));
    ts_jobs_free(&jobs);
    ts_sweep_destroy(sweep);
}

static void says_why_there_is_no_gpu(void **state) {
    (void)state;
    const struct {
        ts_cuda_system system;
        const char *reason;
    } systems[] = {
        {{.trouble = TS_CUDA_NO_DRIVER, .runtime = 13000}, "there is no NVIDIA driver"},
        {{.trouble = TS_CUDA_OLD_DRIVER, .driver = 11040, .runtime = 13000},
         "the NVIDIA driver is too old: it is for CUDA 11.4, and this program needs CUDA 13.0"},
        {{.trouble = TS_CUDA_NO_DEVICE}, "there is no NVIDIA GPU, or none is visible"},
        {{.trouble = TS_CUDA_OTHER, .text = "unknown error"}, "CUDA does not start: unknown error"},
    };
    char reason[256];
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        assert_false(ts_cuda_system_works(&systems[i].system, reason, sizeof reason));
        assert_string_equal(reason, systems[i].reason);
    }
    assert_true(ts_cuda_system_works(&(ts_cuda_system){.device_count = 1}, reason, sizeof reason));
}

static void says_why_a_gpu_is_not_used(void **state) {
    (void)state;
    const ts_cuda_device works = {
        .index = 1, .name = "Example", .major = 9, .has_code = true, .free_memory = INT64_C(1) << 30};
    char reason[256];
    assert_true(ts_cuda_device_works(&works, reason, sizeof reason));
    ts_cuda_device device = works;
    device.major = 6;
    device.minor = 1;
    device.has_code = false;
    assert_false(ts_cuda_device_works(&device, reason, sizeof reason));
    assert_string_equal(reason, "GPU 1 (Example) has compute capability 6.1, for which this program was not compiled");
    device = works;
    device.free_memory = INT64_C(12) << 20;
    assert_false(ts_cuda_device_works(&device, reason, sizeof reason));
    assert_string_equal(reason, "GPU 1 (Example) has 12 MiB of free memory, and 64 MiB are needed");
    device = works;
    device.text = "out of memory";
    assert_false(ts_cuda_device_works(&device, reason, sizeof reason));
    assert_string_equal(reason, "GPU 1 (Example) does not start: out of memory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_network_has_a_shape),    cmocka_unit_test(few_trainings_are_spread_over_lanes),
        cmocka_unit_test(every_training_is_in_one_job), cmocka_unit_test(a_cancelled_plan_gives_nothing),
        cmocka_unit_test(says_why_there_is_no_gpu),     cmocka_unit_test(says_why_a_gpu_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
