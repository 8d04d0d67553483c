// Training steps of every network there is, by groups of lanes: model/plain.h, with the neurons in shared memory. Lane
// l of a group has the neurons l, l + LANES, ... of each coordinate, as rows of a column of its own. The low words of
// the positions of networks that a whole warp shares stay outside, so that every device has room for the largest.
#include "kernels/advance.cuh"
#include "kernels/group.cuh"
#include "model/plain.h"

// Random numbers in shared memory. First coordinates and noise come two steps from a block: they are drawn 2 LANES
// steps at a time, two by each lane.
template <int LANES> struct drawn_steps {
    int32_t point[2 * LANES], noise[2 * LANES]; // units 2^-30 and 2^-24
    int32_t further[TS_MAX_DIMENSION];          // coordinates 1, 2, ... of the step at hand, from [1] on
};

// A training as one lane sees it. All threads of a warp go the same way; `going` says whether it is for their training.
template <int LANES> struct plain_view {
    const ts_cell *cell;
    ts_neurons neurons; // this lane's column
    uint32_t rows;      // of a coordinate
    drawn_steps<LANES> *drawn;
    lane_group<LANES> group;
    ts_training training;

    __device__ uint32_t begin_of(uint32_t coordinate) const {
        return coordinate * rows * TS_WARP;
    }

    __device__ int32_t point(uint32_t coordinate) const {
        return coordinate == 0 ? drawn->point[training.step % (2 * LANES)] : drawn->further[coordinate];
    }

    __device__ void draw_ahead() const {
        const uint64_t base = training.step / (2 * LANES) * (2 * LANES);
        const ts_words block = ts_sample_block(cell, training.replicate, base + 2 * group.lane);
        __syncwarp();
        for (uint32_t odd = 0; odd < 2; odd++) {
            const ts_sample sample = ts_sample_of(&block, odd);
            drawn->point[2 * group.lane + odd] = sample.point;
            drawn->noise[2 * group.lane + odd] = (int32_t)ts_noise(cell, sample);
        }
        __syncwarp();
    }

    __device__ void draw_further() const {
        for (uint32_t q = group.lane; q < ts_coordinate_blocks(cell); q += LANES) {
            const ts_words block = ts_coordinate_block(cell, training.replicate, training.step, q);
#pragma unroll
            for (uint32_t i = 0; i < 4; i++)
                if (4 * q + 1 + i < cell->dimension)
                    drawn->further[4 * q + 1 + i] = ts_point_of(block.word[i]);
        }
        __syncwarp();
    }

    // Are the weights in their range?
    __device__ uint32_t examine() const {
        return ts_weights_in_range(
            cell, group.range(training, ts_weight_range(&neurons, 0, TS_WARP, begin_of(cell->dimension))));
    }

    // This lane's part of f(x) - f*(x), unit 2^-48; f* may lie in any lane. Bits of `near`: see ts_forward.
    __device__ int64_t look(uint32_t *near) const {
        int64_t sum = 0;
        *near = 0;
        for (uint32_t c = 0; c < cell->dimension; c++) {
            bool in_transition;
            sum += ts_plain_forward(cell, &neurons, begin_of(c), TS_WARP, begin_of(c + 1), point(c), &in_transition);
            *near |= (uint32_t)in_transition << c;
        }
        for (uint32_t c = group.lane; c < cell->dimension; c += LANES)
            sum -= (int64_t)ts_plain_target(cell, c, point(c)) * (1 << 24);
        return sum;
    }

    // One step of the trainings that are going.
    __device__ void step(uint32_t going) {
        if (cell->dimension > 1)
            draw_further();
        uint32_t near;
        const int64_t sum = training.bias + group.sum(look(&near));
        const uint64_t missing = ts_missing(drawn->noise[training.step % (2 * LANES)], sum);
        const int64_t residual = ts_residual(missing, cell->residual_shift);
        const ts_update update = ts_update_of(cell, (int32_t)residual);
        if (may_learn(this, going, residual, update.gradient)) {
            for (uint32_t c = 0; c < cell->dimension; c++)
                ts_plain_backward(cell, &neurons, begin_of(c), TS_WARP, begin_of(c + 1), point(c), near >> c & 1,
                                  update);
            ts_finish_step(&training, update.gradient);
        }
        __syncwarp(); // everybody has read the coordinates
    }

    __device__ void advance(uint64_t end) {
        draw_ahead();
        for (;;) {
            const uint32_t going = training.step < end && !training.halted;
            if (!warp_any(going))
                return;
            if (warp_any(going && training.step % (2 * LANES) == 0))
                draw_ahead();
            step(going);
        }
    }

    // From and to the arrays of the training, in the order of its neurons.
    __device__ void load(const int64_t *position, const int64_t *weight) {
        for (uint32_t c = 0; c < cell->dimension; c++)
            for (uint32_t row = 0; row < rows; row++) {
                const uint32_t at = begin_of(c) + row * TS_WARP, j = row * LANES + group.lane;
                const bool is_one = j < cell->of_coordinate;
                const size_t from = c * cell->of_coordinate + (is_one ? j : 0);
                neurons.position_high[at] = is_one ? (int32_t)(position[from] >> 32) : INT32_MAX; // never on
                neurons.position_low[at] = (uint32_t)position[from];
                neurons.weight[at] = is_one ? weight[from] : 0;
            }
    }

    __device__ void store(int64_t *position, int64_t *weight) const {
        for (uint32_t c = 0; c < cell->dimension; c++)
            for (uint32_t row = 0; row < rows; row++) {
                const uint32_t at = begin_of(c) + row * TS_WARP, j = row * LANES + group.lane;
                const size_t to = c * cell->of_coordinate + j;
                if (j < cell->of_coordinate) {
                    position[to] = ts_position(&neurons, at);
                    weight[to] = neurons.weight[at];
                }
            }
    }
};

template <int LANES>
__global__ __launch_bounds__(TS_WARP, TS_FEWEST_WARPS) void advance_plain_kernel(ts_wave_memory memory,
                                                                                 uint64_t steps) {
    extern __shared__ uint64_t shared[];
    __shared__ ts_cell cell;
    __shared__ drawn_steps<LANES> drawn[TS_WARP / LANES];
    const ts_slot slot = take_slot(memory, &cell);
    if (slot.count == 0)
        return;

    const group_place<LANES> at(memory, slot);
    const size_t words = memory.row / LANES * TS_WARP;
    int32_t *const high = (int32_t *)(shared + words);
    plain_view<LANES> view;
    view.cell = &cell;
    view.neurons.weight = (int64_t *)shared + threadIdx.x;
    view.neurons.position_high = high + threadIdx.x;
    view.neurons.position_low = (LANES == TS_WARP ? memory.low + at.row : (uint32_t *)(high + words)) + threadIdx.x;
    view.rows = (cell.of_coordinate + LANES - 1) / LANES;
    view.drawn = &drawn[at.group];
    advance_view(&view, memory, at, steps);
}

const advance_entry advance_plain_entries[TS_PLAIN_KERNELS] = {
    {4, 0, advance_plain_kernel<4>},
    {8, 0, advance_plain_kernel<8>},
    {16, 0, advance_plain_kernel<16>},
    {32, 0, advance_plain_kernel<32>},
};
