// Nothing runs this kernel. It uses every header of the model as device code, so that a change which nvcc does not take
// fails the build of who has nvcc.
#include "model/activation.h"
#include "model/cell.h"
#include "model/classify.h"
#include "model/fixed.h"
#include "model/loss.h"
#include "model/measure.h"
#include "model/philox.h"
#include "model/step.h"
#include "model/streams.h"
#include "model/training.h"

// One warp shares one training: lane l owns neurons l, l + 32, ... of `neurons`. Sums over the group are left out.
__global__ void model_compiles_kernel(const ts_cell cell, ts_neurons neurons, ts_training *trainings, int64_t *losses,
                                      int *outcomes, int *bins) {
    const uint32_t lane = threadIdx.x % 32;
    const uint32_t group = blockIdx.x;
    ts_training training = ts_training_start(group);
    for (uint32_t j = lane; j < cell.neurons; j += 32)
        ts_set_position(&neurons, j, ts_start_position(&cell, training.replicate, j));

    while (training.step < cell.steps && !training.diverged) {
        const ts_words block = ts_sample_block(&cell, training.replicate, training.step);
        const ts_sample sample = ts_sample_of(&block, training.step);
        const int32_t edge = sample.point + cell.half_width;
        bool near_edge;
        const int64_t sum = ts_forward(&cell, &neurons, lane, 32, cell.neurons, edge, &near_edge);
        const int64_t residual = ts_residual(ts_label(&cell, sample), training.bias + sum);
        const ts_update update = ts_update_of(&cell, residual);
        training.diverged = !ts_residual_in_range(&cell, residual) ||
                            (!ts_drift_in_range(&cell, &training, update) &&
                             !ts_weights_in_range(&cell, ts_weight_range(&neurons, lane, 32, cell.neurons)));
        ts_backward(&cell, &neurons, lane, 32, cell.neurons, edge, near_edge, update);
        ts_finish_step(&training, update);
    }

    const int64_t value = ts_transition_value(0.5, cell.width, false, neurons.weight[lane]);
    const int64_t loss = ts_node_loss(0, cell.width, ts_target(&cell, 0), value + llrint(ts_node_point(0)));
    trainings[group] = training;
    losses[group] = loss;
    outcomes[group] = ts_classify(&cell, training.diverged, loss);
    bins[group] = ts_loss_bin(loss);
}
