/* timescape info: what this program is and what this machine offers it. */
#include "cli/cli.h"

#include <argp.h>
#include <unistd.h>

static const char *vector_units(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f"))
        return "AVX-512";
    if (__builtin_cpu_supports("avx2"))
        return "AVX2";
    return "SSE2";
#elif defined(__aarch64__)
    return "NEON";
#else
    return "unknown";
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
    printf("vectors     %s offered; this build uses what its compiler was told to\n", vector_units());
    printf("memory      %.1f GiB\n", (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 0x1p30);
    printf("gpu         %s\n", cuda ? "available" : reason);
    return TS_OK;
}
