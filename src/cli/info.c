/* timescape info: what this program is and what this machine offers it. */
#include "backend/machine.h"
#include "backend/processors.h"
#include "cli/cli.h"

#include <argp.h>
#include <unistd.h>

/* "avx2 (used), baseline, portable" */
static void print_instructions(void) {
    printf("vectors     %s (used)", ts_instructions_name(0));
    for (size_t i = 1; ts_instructions_name(i); i++)
        printf(", %s", ts_instructions_name(i));
    printf("\n");
}

/* "2", or "2 of 16, the others are not for this process" */
static void print_processors(void) {
    const int there = (int)sysconf(_SC_NPROCESSORS_ONLN), usable = ts_processors();
    if (usable < there)
        printf("processors  %d of %d; the others are not for this process\n", usable, there);
    else
        printf("processors  %d\n", usable);
}

/* Each GPU, or why there is none. */
static void print_gpus(void) {
    char text[256];
    size_t count = 0;
    for (; ts_gpu_text(count, text, sizeof text); count++)
        printf("gpu %-8zu%s\n", count, text);
    if (count == 0 && !ts_backend_choose("cuda", text, sizeof text))
        printf("gpu         %s\n", text);
}

int ts_cli_info(int argc, char **argv) {
    static const struct argp argp = {
        NULL, NULL, NULL, "Version, build, vector instructions, and GPUs or why there are none.", NULL, NULL, NULL};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    printf("version     %s\n", ts_version());
    printf("commit      %s\n", ts_commit());
    printf("build       %s\n", ts_build());
    printf("arithmetic  version %d\n", TS_ARITHMETIC_VERSION);
    print_processors();
    print_instructions();
    printf("memory      %.1f GiB\n", ts_machine_memory("") / 0x1p30);
    print_gpus();
    return TS_OK;
}
