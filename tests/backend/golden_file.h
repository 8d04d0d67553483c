/* tests/golden/trainings.txt: cells by their settings, and how their trainings end, as text. The head of that file says
 * how it is laid out. */
#ifndef TS_TESTS_BACKEND_GOLDEN_FILE_H
#define TS_TESTS_BACKEND_GOLDEN_FILE_H

#include <timescape.h>

#define GOLDEN_LINE 512 /* bytes of a line, at most */

typedef struct golden_cell {
    char name[GOLDEN_LINE];
    ts_settings settings; /* their axes are the two below, once golden_settings has put them there */
    double epsilon;
    double neurons;
    char *expected; /* lines on its trainings; empty where there are none */
} golden_cell;

typedef struct golden_file {
    char *head; /* the lines before the version */
    long arithmetic_version;
    golden_cell *cell;  /* [count] */
    char **description; /* [count] the lines from "cell" on, to the trainings */
    size_t count;
} golden_file;

/* Returns false, with one sentence on standard error, when the file cannot be read. What was read is in `file` in any
 * case, and is the caller's until golden_free. */
bool golden_read(golden_file *file, const char *path);
void golden_free(golden_file *file);

ts_settings golden_settings(const golden_cell *cell);

#endif
