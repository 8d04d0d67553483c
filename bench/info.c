/* timescape_info: `timescape info` where the command line is not built. */
#include "cli/cli.h"

int main(int argc, char **argv) {
    return ts_cli_info(argc, argv);
}
