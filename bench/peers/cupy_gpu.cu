// The kernel of cupy_gpu.py: LANES threads share a training and hold its NEURONS in registers, float32.
//
// Compiled at run time with the numbers of a configuration as macros: NEURONS, LANES, JUMP_AT and JUMP_BY (lists),
// BASE, NOISE, PER_ETA = 1 / eta, RATE = 2 h, POSITION_RATE = 12 epsilon / eta.
#define WARP 32
#define OWN ((NEURONS + LANES - 1) / LANES) // neurons of a thread
#define THREADS (LANES > 128 ? LANES : 128) // of a block

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011).
__device__ static uint4 philox(uint4 counter, uint2 key) {
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const unsigned low0 = 0xd2511f53u * counter.x, high0 = __umulhi(0xd2511f53u, counter.x);
        const unsigned low1 = 0xcd9e8d57u * counter.z, high1 = __umulhi(0xcd9e8d57u, counter.z);
        counter = make_uint4(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
        key.x += 0x9e3779b9u;
        key.y += 0xbb67ae85u;
    }
    return counter;
}

__device__ static float target(float x) {
    const float at[] = {JUMP_AT}, by[] = {JUMP_BY};
    float y = BASE;
#pragma unroll
    for (int k = 0; k < (int)(sizeof at / sizeof at[0]); k++)
        y += at[k] <= x ? by[k] : 0;
    return y;
}

// 0 to 1 from the beginning of a neuron's transition to its end.
__device__ static float phase(float x, float u) {
    return __saturatef((x - u) * PER_ETA + 0.5f);
}

__device__ static float sigma(float t) {
    const float e = fminf(t, 1 - t), cube = 4 * e * e * e;
    return t < 0.5f ? cube : 1 - cube;
}

// Over the lanes of a training. Two buffers in turn, so that a sum over warps needs one barrier.
__device__ static float sum_over_lanes(float value, unsigned turn) {
#pragma unroll
    for (int distance = (LANES < WARP ? LANES : WARP) / 2; distance > 0; distance /= 2)
        value += __shfl_xor_sync(0xffffffffu, value, distance);
#if LANES > WARP
    __shared__ float partial[2][THREADS / WARP];
    const unsigned warp = threadIdx.x / WARP, first = warp / (LANES / WARP) * (LANES / WARP);
    if (threadIdx.x % WARP == 0)
        partial[turn][warp] = value;
    __syncthreads();
    value = 0;
#pragma unroll
    for (int i = 0; i < LANES / WARP; i++)
        value += partial[turn][first + i];
#endif
    return value;
}

__device__ static void learn(float *u, float *a, float *bias, unsigned point, unsigned noise, unsigned turn) {
    const float x = (point >> 8) * 0x1p-24f;
    const float y = target(x) + (NOISE) * ((int)noise * 0x1p-31f);
    float f = 0;
#pragma unroll
    for (int i = 0; i < OWN; i++)
        f += a[i] * sigma(phase(x, u[i]));
    const float g = (RATE) * (y - *bias - sum_over_lanes(f, turn));
    *bias += g;
#pragma unroll
    for (int i = 0; i < OWN; i++) {
        const float t = phase(x, u[i]), e = fminf(t, 1 - t);
        u[i] -= g * (POSITION_RATE)*a[i] * e * e;
        a[i] += g * sigma(t);
    }
}

// position and weight [trainings][NEURONS], bias [trainings]; `steps` is even, and trainings x LANES a multiple of
// THREADS.
extern "C" __global__ void __launch_bounds__(THREADS)
    train(float *position, float *weight, float *bias_of, unsigned steps, unsigned seed) {
    const unsigned thread = blockIdx.x * blockDim.x + threadIdx.x, training = thread / LANES, lane = thread % LANES;
    const size_t row = (size_t)training * NEURONS;
    float u[OWN], a[OWN], bias = 0;
#pragma unroll
    for (int i = 0; i < OWN; i++) {
        const unsigned j = lane + i * LANES;
        u[i] = j < NEURONS ? position[row + j] : 2; // a neuron there is never on
        a[i] = 0;
    }
    for (unsigned step = 0; step < steps; step += 2) {
        const uint4 word = philox(make_uint4(step / 2, training, 0, 0), make_uint2(seed, 0));
        learn(u, a, &bias, word.x, word.y, 0);
        learn(u, a, &bias, word.z, word.w, 1);
    }
#pragma unroll
    for (int i = 0; i < OWN; i++) {
        const unsigned j = lane + i * LANES;
        if (j < NEURONS) {
            position[row + j] = u[i];
            weight[row + j] = a[i];
        }
    }
    if (lane == 0)
        bias_of[training] = bias;
}
