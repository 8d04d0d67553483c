/* timescape info: what this program is and what this machine offers it. */
#include "cli/cli.h"

#include <argp.h>
#include <unistd.h>

/* Vector units of this processor, and those that the compiler was allowed to use. */
static const char *vector_units(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f"))
        return "AVX-512";
    return __builtin_cpu_supports("avx2") ? "AVX2" : "SSE2";
#elif defined(__aarch64__)
    return "NEON";
#else
    return "unknown";
#endif
}

static const char *compiled_for(void) {
#if defined(__AVX512F__)
    return "AVX-512";
#elif defined(__AVX2__)
    return "AVX2";
#elif defined(__x86_64__)
    return "SSE2";
#elif defined(__aarch64__)
    return "NEON";
#else
    return "none";
#endif
}

int ts_cli_info(int argc, char **argv) {
    static const struct argp argp = {NULL, NULL, NULL, "Version, build, vector units, and GPUs or why there are none.",
                                     NULL, NULL, NULL};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    char reason[256];
    const bool cuda = ts_backend_choose("cuda", reason, sizeof reason);
    printf("version     %s\n", ts_version());
    printf("commit      %s\n", ts_commit());
    printf("build       %s\n", ts_build());
    printf("processors  %ld\n", sysconf(_SC_NPROCESSORS_ONLN));
    printf("vectors     %s in this processor, %s in this build\n", vector_units(), compiled_for());
    printf("memory      %.1f GiB\n", (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 0x1p30);
    printf("gpu         %s\n", cuda ? "available" : reason);
    return TS_OK;
}
