/* The program as a person meets it: run by a shell, in a folder of its own for each test.
 *
 * The path of the program comes from the environment variable TIMESCAPE. */
#ifndef TS_TESTS_CLI_PROGRAM_H
#define TS_TESTS_CLI_PROGRAM_H

#include "support.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static const char good[] = "seed: 42\n"
                           "target: {base: 1, jumps: [{at: 0.3, by: 2}, {at: 0.7, by: -1}]}\n"
                           "network: {eta: 4.0e-3}\n"
                           "sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 300}}\n"
                           "sweep: {epsilon: {values: [0.1, 1]}, neurons: {values: [4, 9]}, replicates: 5}\n";

static inline void write_file(const char *name, const void *content, size_t size) {
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, size, file), size);
    fclose(file);
}

/* Run a command and, when it has worked for half a second of a processor, another one, in which $$ is the process of
 * the first: AT_WORK("kill -INT $$", "$TIMESCAPE run good.yaml"). However busy the machine is, the program has begun by
 * then. */
#define AT_WORK(deed, command) "sh -c \"$AT_WORK\" '" deed "' " command
static const char at_work[] = "(while used=$(cut -d' ' -f14 /proc/$$/stat) && test \"$used\" -lt 50; do sleep 0.05; "
                              "done; eval \"$0\") 2>/dev/null & exec \"$@\"";

static inline int enter_folder(void **state) {
    (void)state;
    setenv("AT_WORK", at_work, 1);
    strcpy(folder, "/tmp/timescape-cli-XXXXXX");
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    write_file("good.yaml", good, strlen(good));
    return 0;
}

static inline int leave_folder(void **state) {
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") || system(command);
}

typedef struct outcome {
    int status;
    char text[20000]; /* standard output and error */
} outcome;

/* Run a shell command, in which $TIMESCAPE is the program. */
static inline outcome *shell(const char *command) {
    static outcome result;
    char line[2048];
    snprintf(line, sizeof line, "(%s) 2>&1", command);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    result.text[fread(result.text, 1, sizeof result.text - 1, pipe)] = '\0';
    const int status = pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return &result;
}

static inline int entries(void) {
    int count = 0;
    DIR *directory = opendir(".");
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 2;
}

/* `command` must end with `status`, say `message` in one line, and leave the folder as it was. */
static inline void assert_refused(const char *command, int status, const char *message) {
    const int before = entries();
    const outcome *found = shell(command);
    if (found->status != status || !strstr(found->text, message))
        fail_msg("%s: status %d, '%s'; expected %d, '%s'", command, found->status, found->text, status, message);
    if (entries() != before)
        fail_msg("%s: left a file behind", command);
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

#endif
