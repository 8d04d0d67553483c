/* What the host side of the CUDA backend decides without a GPU: shapes, jobs and who takes them, and the words for a
 * GPU that is not used. */
#include "support.h"

#include "backend/cuda/jobs.h"
#include "backend/cuda/probe.h"
#include "kernels/blocked.h"
#include "kernels/dealt.h"

/* The least and the most shared memory that a block of a supported GPU may have. */
static const size_t shared_memory[] = {64 << 10, 99 << 10, 227 << 10};

static void every_network_has_a_shape(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    settings.steps = 1;
    settings.h = 1e-3;
    for (uint32_t m = 1; m <= TS_MAX_NEURONS; m++)
        for (int group = 0; group <= 128; group = group ? 2 * group : 1)
            for (size_t i = 0; i < sizeof shared_memory / sizeof *shared_memory; i++) {
                settings.eta = m % 2 == 0 ? 4e-3 : 0.1;
                const ts_cell cell = ts_cell_of(&settings, 1, m);
                const ts_shape shape = ts_shape_choose(&cell, group, shared_memory[i]);
                assert_true(shape.row >= m);
                assert_true(shape.lanes >= (uint32_t)(group > 32 ? 32 : group));
                assert_int_equal(shape.trainings, 32 / shape.lanes);
                assert_true(ts_shape_block_memory(shape) <= shared_memory[i]);
                if (shape.form == TS_FORM_RANKED)
                    assert_true(shape.batch == 4 || shape.batch == 8);
                else if (shape.form == TS_FORM_DEALT) /* the search finds every row */
                    assert_true(ts_dealt_rows(m, shape.lanes) <= TS_DEALT_MOST_ROWS);
                else /* every block has a lane that keeps its sum */
                    assert_true(ts_blocked_blocks(m, shape.lanes) <= TS_BLOCKED_OWN * shape.lanes);
            }
}

static void every_other_network_has_one_too(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    settings.steps = 1;
    settings.h = 1e-3;
    for (uint32_t all = 1; all <= TS_MAX_NEURONS; all++)
        for (size_t d = 1; d <= TS_MAX_DIMENSION && d <= all; d++)
            for (size_t i = 0; i < sizeof shared_memory / sizeof *shared_memory; i++) {
                settings.dimension = d;
                settings.activation = all % 2 || d == 1 ? TS_ACTIVATION_RELU : TS_ACTIVATION_STEP;
                const ts_cell cell = ts_cell_of(&settings, 1, all / (uint32_t)d);
                const ts_shape shape = ts_shape_choose(&cell, 0, shared_memory[i]);
                assert_true(shape.form == TS_FORM_PLAIN && shape.row >= cell.neurons);
                assert_int_equal(shape.trainings, 32 / shape.lanes);
                assert_true(ts_shape_block_memory(shape) <= shared_memory[i]);
            }
}

/* Returns the samples of a batch. */
static uint32_t assert_shape(double eta, uint32_t m, size_t memory, ts_form form, uint32_t lanes) {
    ts_settings settings = paper_settings();
    settings.eta = eta;
    settings.steps = 1;
    settings.h = 1e-3;
    const ts_cell cell = ts_cell_of(&settings, 1, m);
    const ts_shape shape = ts_shape_choose(&cell, 0, memory);
    assert_int_equal(shape.form, form);
    assert_int_equal(shape.lanes, lanes);
    return shape.batch;
}

static void shapes_fit_cell_and_device(void **state) {
    (void)state;
    const size_t most = 227 << 10;
    assert_int_equal(assert_shape(4e-3, 20, most, TS_FORM_RANKED, 1), 8);
    assert_int_equal(assert_shape(4e-2, 20, most, TS_FORM_RANKED, 1), 4);
    assert_int_equal(assert_shape(4e-3, 64, most, TS_FORM_RANKED, 1), 4);
    assert_shape(4e-3, 64, 64 << 10, TS_FORM_DEALT, 8); /* too little memory for 32 such trainings */
    assert_shape(4e-3, 113, most, TS_FORM_DEALT, 4);
    assert_shape(4e-3, 256, most, TS_FORM_DEALT, 4);
    assert_shape(4e-3, 256, 99 << 10, TS_FORM_DEALT, 16);
    assert_shape(4e-3, 600, most, TS_FORM_DEALT, 8);
    assert_shape(4e-3, 1000, most, TS_FORM_DEALT, 16);
    assert_shape(4e-3, 4096, most, TS_FORM_DEALT, 32);
    assert_shape(4e-3, 4096, 64 << 10, TS_FORM_BLOCKED, 32);
    assert_shape(0.1, 256, most, TS_FORM_BLOCKED, 4); /* samples would be in each other's way */
    assert_shape(0.1, 1000, most, TS_FORM_BLOCKED, 8);
}

/* A plan whose jobs are taken by so many devices in turn: every replicate once, long trainings first. */
static void assert_all_taken_once(uint32_t replicates, uint32_t devices, int lane_group) {
    static const double epsilon[] = {0.01, 0.1, 1};
    static const double neurons[] = {3, 20, 70, 1030};
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
    assert_true(ts_jobs_create(&jobs, &plan, devices, lane_group, 99 << 10));
    bool *open = malloc(jobs.list_count * sizeof *open);
    assert_non_null(open);
    uint64_t expected = 0, seen = 0;
    for (size_t i = 0; i < jobs.list_count; i++) {
        open[i] = true;
        expected += ts_jobs_left(&jobs, i);
    }
    double cost = 0;
    uint64_t longest = UINT64_MAX;
    for (size_t list; (list = ts_jobs_longest(&jobs, (uint32_t)(seen % devices), open)) < jobs.list_count; seen++) {
        const uint32_t device = (uint32_t)(seen % devices);
        ts_job job;
        assert_false(ts_jobs_take(&jobs, list, device, 0, &job)); /* nothing is that cheap */
        assert_true(ts_jobs_take(&jobs, list, device, INFINITY, &job));
        if (devices == 1)
            assert_true(job.steps <= longest); /* a device that helps another may meet longer ones */
        longest = job.steps;
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
    free(taken);
    ts_jobs_free(&jobs);
    ts_sweep_destroy(sweep);
}

static void every_training_is_in_one_job(void **state) {
    (void)state;
    const uint32_t replicates[] = {1, 7, 32, 33, 100};
    for (size_t i = 0; i < sizeof replicates / sizeof *replicates; i++)
        for (int group = 0; group <= 128; group = group ? 2 * group : 1)
            for (uint32_t devices = 1; devices <= 3; devices++)
                assert_all_taken_once(replicates[i], devices, group);
}

/* Which ranges are ours, and how often that was asked. */
typedef struct claimed {
    const uint8_t *ours;
    uint8_t *asked;
} claimed;

static bool take_ours(void *context, size_t range) {
    claimed *of = context;
    of->asked[range]++;
    return of->ours[range];
}

/* Jobs of a plan of such ranges, of which some are ours, taken by so many devices in turn: all rows of these, and no
 * others. `taken` [cells][replicates] counts. */
static void take_claimed(const ts_plan *plan, uint32_t devices, const uint8_t *ours, uint8_t *taken) {
    claimed of = {ours, calloc(plan->range_count, 1)};
    const ts_claims claims = {take_ours, &of};
    ts_plan shared = *plan;
    shared.claims = &claims;
    ts_jobs jobs;
    assert_true(ts_jobs_create(&jobs, &shared, devices, 0, 99 << 10));
    bool *open = malloc(jobs.list_count * sizeof *open);
    uint64_t left = 0;
    for (size_t i = 0; i < jobs.list_count; i++) {
        open[i] = true;
        left += ts_jobs_left(&jobs, i);
    }
    ts_job job;
    uint32_t device = 0;
    for (size_t list; (list = ts_jobs_longest(&jobs, device % devices, open)) < jobs.list_count; device++) {
        assert_false(ts_jobs_take(&jobs, list, device % devices, 0, &job)); /* and nobody is asked */
        const bool any = ts_jobs_take(&jobs, list, device % devices, INFINITY, &job);
        for (uint32_t r = job.first; any && r < job.first + job.count; r++)
            taken[job.cell * plan->replicates + r]++;
        uint64_t now = 0;
        for (size_t i = 0; i < jobs.list_count; i++)
            now += ts_jobs_left(&jobs, i);
        assert_true(now < left); /* others' ranges are left no more, either */
        left = now;
    }
    assert_int_equal(left, 0);
    for (size_t i = 0; i < plan->range_count; i++)
        assert_int_equal(of.asked[i], 1);
    free(open);
    ts_jobs_free(&jobs);
    free(of.asked);
}

static void ranges_are_taken_by_whom_they_belong_to(void **state) {
    (void)state;
    static const double epsilon[] = {0.1, 1};
    static const double neurons[] = {20, 70};
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.slow_time = 0.01;
    settings.replicates = 300;
    set_axes(&settings, epsilon, 2, neurons, 2);
    ts_sweep *sweep = create_sweep(&settings);
    /* Several of a cell, of all lengths, in any order, and none of the last cell. */
    const ts_rows ranges[] = {{0, 0, 300}, {1, 250, 50}, {1, 0, 1}, {2, 7, 33}, {1, 2, 64}, {2, 40, 1}, {2, 100, 200}};
    const size_t count = sizeof ranges / sizeof *ranges, rows = sweep->cell_count * settings.replicates;
    ts_plan plan = ts_sweep_plan(sweep);
    plan.ranges = ranges;
    plan.range_count = count;
    for (uint32_t devices = 1; devices <= 3; devices++)
        for (unsigned pattern = 0; pattern < 1u << count; pattern += 5) {
            uint8_t ours[7], *taken = calloc(rows, 1);
            for (size_t i = 0; i < count; i++)
                ours[i] = pattern >> i & 1;
            take_claimed(&plan, devices, ours, taken);
            for (size_t i = 0; i < count; i++)
                for (uint32_t r = 0; r < ranges[i].count; r++) {
                    uint8_t *of_row = &taken[ranges[i].cell * settings.replicates + ranges[i].first + r];
                    assert_int_equal(*of_row, ours[i]);
                    *of_row = 0;
                }
            for (size_t i = 0; i < rows; i++)
                assert_int_equal(taken[i], 0); /* in no range */
            free(taken);
        }
    ts_sweep_destroy(sweep);
}

/* A job is as long as its training that has most to do, and says whether any of them goes on. */
static void jobs_of_trainings_underway_are_shorter(void **state) {
    (void)state;
    static const double epsilon = 1, neurons = 20;
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.steps = 1000;
    settings.replicates = 96;
    set_axes(&settings, &epsilon, 1, &neurons, 1);
    ts_sweep *sweep = create_sweep(&settings);
    ts_underway underway = {0};
    for (uint32_t row = 40; row < 96; row++) { /* some of the second job, all of the third */
        ts_waypoint *point = ts_waypoint_create(20, 0);
        assert_non_null(point);
        point->row = row;
        point->training.step = 10 * row;
        point->training.halted = row == 70 ? TS_HALTED_DIVERGED : TS_NOT_HALTED;
        ts_underway_put(&underway, point);
    }
    ts_plan plan = ts_sweep_plan(sweep);
    plan.underway = &underway;
    ts_jobs jobs;
    ts_job job[3];
    assert_true(ts_jobs_create(&jobs, &plan, 1, 0, 227 << 10));
    for (int i = 0; i < 3; i++)
        assert_true(ts_jobs_take(&jobs, 0, 0, INFINITY, &job[i]));
    assert_false(job[0].resumed);
    assert_int_equal(job[0].steps, 1000);
    assert_true(job[1].resumed);
    assert_int_equal(job[1].steps, 1000);
    assert_true(job[1].training_steps == 8 * 1000 + 24 * 1000 - 10 * (40 + 63) * 12);
    assert_true(job[2].resumed);
    assert_int_equal(job[2].steps, 1000 - 640);
    assert_true(job[2].training_steps == 32 * 1000 - 10 * (64 + 95) * 16 - 300);
    ts_jobs_free(&jobs);
    ts_underway_free(&underway);
    ts_sweep_destroy(sweep);
}

static void a_cancelled_plan_gives_nothing(void **state) {
    (void)state;
    static const double epsilon = 1;
    static const uint32_t neurons = 20;
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.steps = 10;
    settings.replicates = 3;
    set_axes(&settings, &epsilon, 1, &(double){neurons}, 1);
    ts_sweep *sweep = create_sweep(&settings);
    const ts_plan plan = {.settings = &sweep->settings, .cells = sweep->cells, .cell_count = 1, .replicates = 3};
    ts_jobs jobs;
    ts_job job;
    assert_true(ts_jobs_create(&jobs, &plan, 1, 0, 99 << 10));
    assert_int_equal(jobs.list_count, 1);
    ts_jobs_cancel(&jobs);
    assert_false(ts_jobs_take(&jobs, 0, 0, INFINITY, &job));
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
        cmocka_unit_test(every_network_has_a_shape),
        cmocka_unit_test(every_other_network_has_one_too),
        cmocka_unit_test(shapes_fit_cell_and_device),
        cmocka_unit_test(every_training_is_in_one_job),
        cmocka_unit_test(ranges_are_taken_by_whom_they_belong_to),
        cmocka_unit_test(jobs_of_trainings_underway_are_shorter),
        cmocka_unit_test(a_cancelled_plan_gives_nothing),
        cmocka_unit_test(says_why_there_is_no_gpu),
        cmocka_unit_test(says_why_a_gpu_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
