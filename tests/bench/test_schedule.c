/* The CUDA backend's scheduling on simulated devices. */
#include "support.h"

#include "backend/cuda/shape.h"
#include "bench/issue_rates.h"
#include "bench/phase_sweep.h"
#include "bench/simulated.h"
#ifdef WITH_CONFIGURATIONS
#include "io/config/config.h"
#endif

static const double rates[SIM_RATES] = {0.45, 0.7, 0.7, 0.7};

static void launch_on(sim_device *device, sim_launch *launch, double *instructions, uint32_t count, size_t memory,
                      int queue) {
    *launch = (sim_launch){
        .block_memory = memory, .rates = rates, .instructions = instructions, .count = count, .queue = queue};
    sim_device_launch(device, launch);
}

static void warps_share_issue_slots(void **state) {
    (void)state;
    sim_model model = sim_model_default();
    model.multiprocessors = 2;
    double work[18];
    for (int i = 0; i < 18; i++)
        work[i] = 0.35 * model.clock;
    sim_device device;
    sim_launch launch;
    assert_true(sim_device_create(&device, &model));
    launch_on(&device, &launch, work, 1, 1000, 0); /* alone: what its dependences allow */
    assert_true(sim_device_run_launch(&device));
    assert_close(device.now, 0.35 / 0.45, 1e-9);
    launch_on(&device, &launch, work, 16, 1000, 0); /* two for each scheduler */
    assert_true(sim_device_run_launch(&device));
    assert_close(device.now, 0.35 / 0.45 + 1, 1e-9);
    launch_on(&device, &launch, work, 2, 200 << 10, 0); /* one for each multiprocessor */
    assert_true(sim_device_run_launch(&device));
    assert_close(device.now, 2 * 0.35 / 0.45 + 1, 1e-9);
    launch_on(&device, &launch, work, 3, 200 << 10, 0); /* the third one has to wait */
    assert_true(sim_device_run_launch(&device));
    assert_close(device.now, 4 * 0.35 / 0.45 + 1, 1e-9);
    assert_false(sim_device_run_launch(&device));
    assert_close(device.instructions / model.clock, 22 * 0.35, 1e-9);
    sim_device_free(&device);
}

/* Each of two kernels that share a scheduler has half of what two of its warps would have. */
static void kernels_have_rates_of_their_own(void **state) {
    (void)state;
    static const double slow[SIM_RATES] = {0.1, 0.2, 0.3, 0.4};
    sim_model model = sim_model_default();
    model.multiprocessors = 1;
    double work[5];
    for (int i = 0; i < 5; i++)
        work[i] = 0.35 * model.clock;
    sim_device device;
    sim_launch fast_launch, slow_launch = {.block_memory = 1000, .rates = slow, .instructions = work, .count = 4};
    assert_true(sim_device_create(&device, &model));
    sim_device_launch(&device, &slow_launch); /* one for each scheduler */
    launch_on(&device, &fast_launch, work, 1, 1000, 1);
    while (!sim_launch_done(&fast_launch))
        assert_true(sim_device_run_launch(&device));
    assert_close(device.now, 1, 1e-9);
    assert_true(sim_device_run_launch(&device)); /* the one beside it has 0.25 left, and is alone */
    assert_close(device.now, 1 + 2.5, 1e-9);
    assert_true(sim_launch_done(&slow_launch));
    sim_device_free(&device);
}

/* A kernel for every shape, rates that grow with the warps, and none that more warps would make worse. */
static void every_shape_has_rates(void **state) {
    (void)state;
    for (uint32_t m = 1; m <= 4096; m = m * 5 / 4 + 1)
        for (int wide = 0; wide < 2; wide++) {
            const ts_cell cell = {.neurons = m, .of_coordinate = m, .dimension = 1, .width = wide ? 1 << 26 : 1 << 22};
            for (int lanes = 1; lanes <= 32; lanes *= 2) {
                const double *rate = bench_issue_rates(ts_shape_choose(&cell, lanes, 227 << 10));
                assert_non_null(rate);
                for (int k = 0; k < SIM_RATES; k++)
                    assert_true(rate[k] > (k > 0 ? rate[k - 1] : 0) && rate[k] < 1);
            }
        }
}

static void launches_of_a_queue_wait_for_each_other(void **state) {
    (void)state;
    sim_model model = sim_model_default();
    double work[] = {0.45 * model.clock};
    for (int queues = 1; queues <= 2; queues++) {
        sim_device device;
        sim_launch launch[2];
        assert_true(sim_device_create(&device, &model));
        launch_on(&device, &launch[0], work, 1, 1000, 0);
        launch_on(&device, &launch[1], work, 1, 1000, queues - 1);
        while (!sim_launch_done(&launch[1]))
            assert_true(sim_device_run_launch(&device));
        assert_close(device.now, queues == 1 ? 2 : 1, 1e-9);
        sim_device_free(&device);
    }
}

/* Every training once; of each device at least these parts of its schedulers' time and issue slots used. */
static void run_phase(uint64_t replicates, int devices, size_t observations, double occupied, double issued) {
    double epsilon[PHASE_EPSILON], times[10];
    ts_settings settings = phase_settings(epsilon);
    settings.replicates = replicates;
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe_count = observations;
    settings.observe = times;
    for (size_t k = 0; k < observations; k++)
        times[k] = settings.slow_time * (double)(k + 1) / (double)observations;
    ts_sweep *sweep = create_sweep(&settings);
    const ts_plan plan = ts_sweep_plan(sweep);
    const sim_model model = sim_model_default();
    sim_report report[4];
    uint8_t *runs = calloc(sweep->cell_count, replicates);
    assert_non_null(runs);
    assert_true(sim_run(&plan, &model, devices, report, runs));
    for (size_t i = 0; i < sweep->cell_count * replicates; i++)
        assert_int_equal(runs[i], 1);
    for (int i = 0; i < devices; i++) {
        assert_true(report[i].occupied >= occupied && report[i].occupied <= 1 + 1e-9);
        assert_true(report[i].issued >= issued && report[i].issued <= report[i].occupied);
        assert_true(report[i].working >= report[i].occupied && report[i].working <= 1 + 1e-9);
    }
    free(runs);
    ts_sweep_destroy(sweep);
}

static void one_device_has_no_idle_tail(void **state) {
    (void)state;
    run_phase(1000, 1, 0, 0.95, 0.34);
}

static void four_devices_share_the_work_evenly(void **state) {
    (void)state;
    run_phase(1000, 4, 0, 0.78, 0.28);
}

static void few_replicates_are_run_once(void **state) {
    (void)state;
    run_phase(3, 3, 0, 0, 0);
}

/* A slot that somebody looks at waits for the others of its wave. */
static void observations_leave_no_device_idle(void **state) {
    (void)state;
    run_phase(300, 1, 10, 0.7, 0.25);
    run_phase(3, 3, 10, 0, 0);
}

#ifdef WITH_CONFIGURATIONS
static void the_sweep_is_that_of_the_configuration(void **state) {
    (void)state;
    double epsilon[PHASE_EPSILON];
    const ts_settings here = phase_settings(epsilon);
    ts_config config = {0};
    ts_error error = {0};
    assert_int_equal(ts_config_load(&config, "configs/phase.yaml", NULL, 0, &error), TS_OK);
    const ts_settings *there = &config.settings;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        assert_int_equal(here.axis[p].count, there->axis[p].count);
        for (size_t i = 0; i < here.axis[p].count; i++)
            assert_close(here.axis[p].values[i] / there->axis[p].values[i], 1, 1e-12);
    }
    assert_true(there->least_replicates <= here.replicates && here.replicates <= there->replicates);
    for (size_t i = 0; i < PHASE_EPSILON; i++)
        assert_close(ts_horizon_steps(&here, epsilon[i]) / ts_horizon_steps(there, epsilon[i]), 1, 1e-12);
    assert_close(here.eta, there->eta, 0);
    assert_int_equal(here.theory, there->theory);
    ts_config_free(&config);
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warps_share_issue_slots),
        cmocka_unit_test(kernels_have_rates_of_their_own),
        cmocka_unit_test(every_shape_has_rates),
        cmocka_unit_test(launches_of_a_queue_wait_for_each_other),
        cmocka_unit_test(one_device_has_no_idle_tail),
        cmocka_unit_test(four_devices_share_the_work_evenly),
        cmocka_unit_test(few_replicates_are_run_once),
        cmocka_unit_test(observations_leave_no_device_idle),
#ifdef WITH_CONFIGURATIONS
        cmocka_unit_test(the_sweep_is_that_of_the_configuration),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
