/* The shapes that advance kernels are compiled for: X(lanes that share a training, neurons of a lane). Ascending. */
#ifndef TS_BACKEND_CUDA_SHAPE_LIST_H
#define TS_BACKEND_CUDA_SHAPE_LIST_H

/* clang-format off */
#define TS_THREAD_SHAPES(X) \
    X(1, 4) X(1, 8) X(1, 12) X(1, 16) X(1, 20) X(1, 24) X(1, 28) X(1, 32)
#define TS_GROUP_SHAPES(X) \
    X(2, 4)  X(2, 8)  X(2, 16)  X(2, 24)  X(2, 32) \
    X(4, 4)  X(4, 8)  X(4, 16)  X(4, 24)  X(4, 32) \
    X(8, 4)  X(8, 8)  X(8, 16)  X(8, 24)  X(8, 32) \
    X(16, 4) X(16, 8) X(16, 16) X(16, 24) X(16, 32) \
    X(32, 4) X(32, 8) X(32, 16) X(32, 24) X(32, 32)
#define TS_BLOCK_SHAPES(X) \
    X(64, 4)  X(64, 16)  X(64, 24)  X(64, 32) \
    X(128, 4) X(128, 16) X(128, 24) X(128, 32)
/* clang-format on */

#endif
