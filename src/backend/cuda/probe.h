/* Which GPUs there are and whether this program can use them; and if not, why, in one sentence. */
#ifndef TS_BACKEND_CUDA_PROBE_H
#define TS_BACKEND_CUDA_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TS_LEAST_DEVICE_MEMORY (INT64_C(64) << 20) /* bytes that must be free */

/* What went wrong when CUDA was asked for its devices. */
typedef enum ts_cuda_trouble {
    TS_CUDA_WORKS,
    TS_CUDA_NO_DRIVER,
    TS_CUDA_OLD_DRIVER,
    TS_CUDA_NO_DEVICE,
    TS_CUDA_OTHER /* `text` says what */
} ts_cuda_trouble;

typedef struct ts_cuda_system {
    ts_cuda_trouble trouble;
    int driver, runtime; /* CUDA versions as CUDA writes them: 1000 major + 10 minor */
    int device_count;
    const char *text;
} ts_cuda_system;

typedef struct ts_cuda_device {
    int index;
    char name[128];
    uint8_t identity[16]; /* of the GPU, or of its part where it is divided */
    int major, minor;     /* compute capability */
    int multiprocessors;  /* how many */
    size_t shared_memory; /* the most that a block may have */
    bool has_code;        /* the program was compiled for it */
    int64_t free_memory, memory;
    const char *text; /* of an error when it was opened; NULL */
} ts_cuda_device;

ts_cuda_system ts_cuda_look(void);
ts_cuda_device ts_cuda_look_at(int index);

/* Why not: one sentence without a final full stop into `reason`, and false; or true. Pure functions of their argument.
 */
bool ts_cuda_system_works(const ts_cuda_system *system, char *reason, size_t size);
bool ts_cuda_device_works(const ts_cuda_device *device, char *reason, size_t size);

#endif
