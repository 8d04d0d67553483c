#include "coverage.h"

#include <stdio.h>

/* The kernel that ran a cell; KERNELS: none that is known. */
static size_t kernel_of(const ts_cell *cell, const ts_run_options *options, size_t shared_memory) {
    const ts_shape shape = ts_shape_choose(cell, options->lane_group, shared_memory);
    size_t i = 0;
    while (i < KERNELS && (advance_kernels[i].form != shape.form || advance_kernels[i].lanes != shape.lanes ||
                           advance_kernels[i].batch != shape.batch))
        i++;
    return i;
}

/* A kernel that ran several cells of a sweep is counted once. */
static void count_kernels(coverage *seen, const ts_sweep *sweep, const ts_run_options *options, size_t shared_memory) {
    bool ran[KERNELS] = {false};
    int count = 0;
    for (size_t cell = 0; cell < sweep->cell_count; cell++) {
        const size_t kernel = kernel_of(&sweep->cells[cell], options, shared_memory);
        if (kernel == KERNELS || ran[kernel])
            continue;
        ran[kernel] = true;
        seen->kernel_runs[kernel]++;
        count++;
    }
    seen->several_kernels += count > 1;
}

/* What the final positions of a cell show. */
static void count_positions(coverage *seen, const ts_cell *cell, const ts_kept *kept, size_t replicates) {
    bool crossed = false, outside = false;
    for (size_t i = 0; i < replicates * cell->neurons; i++) {
        outside |= kept->position[i] < 0 || kept->position[i] > INT64_C(1) << TS_POSITION_BITS;
        crossed |= i % cell->of_coordinate > 0 && kept->position[i - 1] > kept->position[i];
    }
    seen->crossed += crossed;
    seen->outside += outside;
}

void count_coverage(coverage *seen, const ts_sweep *sweep, const ts_run_options *options, size_t shared_memory) {
    const ts_settings *s = &sweep->settings;
    seen->configurations++;
    count_kernels(seen, sweep, options, shared_memory);
    seen->further_axes +=
        s->axis[TS_PARAMETER_H].count + s->axis[TS_PARAMETER_NOISE].count + s->axis[TS_PARAMETER_ETA].count > 0;
    seen->odd_replicates += s->replicates % 2 == 1;
    seen->whole_chunks += options->chunk_steps == 0;
    seen->exact += s->derivative == TS_DERIVATIVE_EXACT;
    seen->uniform += s->init == TS_INIT_UNIFORM;
    seen->stratified += s->init == TS_INIT_STRATIFIED;
    seen->common += s->randomness == TS_RANDOMNESS_COMMON;
    seen->noiseless += s->noise == 0;
    seen->observed += s->observe_count > 0;
    seen->single_piece += s->jump_count == 0;
    seen->largest_pieces =
        (long)s->jump_count + 1 > seen->largest_pieces ? (long)s->jump_count + 1 : seen->largest_pieces;
    for (size_t i = 0; i < sweep->cell_count; i++) {
        const ts_cell *cell = &sweep->cells[i];
        const uint32_t m = cell->neurons;
        seen->most_neurons = m > seen->most_neurons ? m : seen->most_neurons;
        seen->fewest_neurons = seen->fewest_neurons == 0 || m < seen->fewest_neurons ? m : seen->fewest_neurons;
        seen->diverged += sweep->results.statistics[i].outcome_count[TS_OUTCOME_DIVERGED] > 0;
        count_positions(seen, cell, &sweep->results.kept[i], s->replicates);
        for (size_t k = 0; k < s->observe_count; k++) {
            const bool succeeded = ts_sweep_first_success(sweep, i, k) > 0;
            seen->succeeded += succeeded;
            seen->stopped += succeeded && s->stop == TS_STOP_FIRST_SUCCESS;
        }
    }
}

bool covers(const coverage *seen) {
    if (seen->configurations < QUICK_SET)
        return true;
    bool fine = seen->diverged > 0 && seen->crossed > 0 && seen->outside > 0 && seen->noiseless > 0 &&
                seen->observed > 0 && seen->succeeded > seen->stopped && seen->stopped > 0 && seen->further_axes > 0 &&
                seen->several_kernels > 0 && seen->run_again > seen->configurations / 2 &&
                seen->waypoints > 5 * seen->configurations && seen->seen_before > seen->configurations;
    if (!fine)
        printf(
            "no cell with diverged trainings, none with crossings, none with neurons outside, none without noise, "
            "none observed on its way, none with successes then, none that stopped there or none that went on, no "
            "configuration with further axes, none whose cells ran in several kernels, or few that were run again, few "
            "trainings that went on then\n");
    for (size_t i = 0; i < KERNELS; i++)
        if (seen->kernel_runs[i] < seen->configurations / 40) {
            printf("only %ld of %ld configurations ran in the kernel %s, %u lanes, batches of %u\n",
                   seen->kernel_runs[i], seen->configurations, form_name(advance_kernels[i].form),
                   advance_kernels[i].lanes, advance_kernels[i].batch);
            fine = false;
        }
    return fine;
}

void print_coverage(const coverage *seen) {
    size_t met = 0;
    for (size_t i = 0; i < KERNELS; i++) {
        const advance_kernel *kernel = &advance_kernels[i];
        met += seen->kernel_runs[i] > 0;
        printf("%s %s %u", i == 0 ? "configurations by kernel:" : ",", form_name(kernel->form), kernel->lanes);
        if (kernel->form == TS_FORM_RANKED)
            printf(" in batches of %u", kernel->batch);
        printf(": %ld", seen->kernel_runs[i]);
    }
    printf("\nkernels: %zu of %d ran\n", met, KERNELS);
    printf("m from %u to %u, up to %ld pieces (%ld constant), %ld with exact derivative, %ld with uniform and %ld "
           "with stratified start, %ld with common randomness, %ld without noise, %ld with an odd number of "
           "replicates, %ld with chunks by the "
           "clock, %ld observed on their way, %ld with axes of h, noise or eta, %ld in several kernels; cells with "
           "diverged trainings %ld, with crossings %ld, with neurons "
           "outside %ld; observations with first successes %ld, of trainings that stop then %ld; stopped and run again "
           "%ld, with %ld trainings on their way, of which %ld had been seen\n",
           seen->fewest_neurons, seen->most_neurons, seen->largest_pieces, seen->single_piece, seen->exact,
           seen->uniform, seen->stratified, seen->common, seen->noiseless, seen->odd_replicates, seen->whole_chunks,
           seen->observed, seen->further_axes, seen->several_kernels, seen->diverged, seen->crossed, seen->outside,
           seen->succeeded, seen->stopped, seen->run_again, seen->waypoints, seen->seen_before);
}
