/* gnuplot as a child process: one that works, one that is ill, one whose parent dies; and strings that it takes as they
 * are. What plays gnuplot in most of these tests is a shell script. */
#include "io/picture/gnuplot.h"

#include "io/files.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define LARGE (3U << 20)

static bool print_words(FILE *script, const void *words) {
    fputs(words, script);
    return true;
}

/* From here to folder_remove the program "gnuplot" is this shell script. */
static void let_gnuplot_be(test_folder *folder, const char *commands) {
    char script[512], path[1024];
    snprintf(script, sizeof script, "#!/bin/sh\n%s\n", commands);
    write_text(path_in(folder, "gnuplot"), script);
    assert_int_equal(chmod(folder->path, 0700), 0);
    snprintf(path, sizeof path, "%s:/usr/local/bin:/usr/bin:/bin", folder->name);
    setenv("PATH", path, 1);
}

static int folder_and_path_create(void **state) {
    setenv("PATH_BEFORE", getenv("PATH"), 1);
    return folder_create(state);
}

static int folder_and_path_remove(void **state) {
    setenv("PATH", getenv("PATH_BEFORE"), 1);
    return folder_remove(state);
}

static void assert_no_child_is_left(void) {
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void assert_fails(const char *words, double patience, const char *message) {
    char *bytes;
    size_t size;
    ts_error error = {0};
    assert_int_equal(ts_gnuplot_run(print_words, words, patience, &bytes, &size, &error), TS_FAILED);
    assert_null(bytes);
    assert_int_equal(size, 0);
    if (!strstr(error.message, message))
        fail_msg("'%s' does not say '%s'", error.message, message);
    assert_no_child_is_left();
}

static char *large_words(void) {
    char *words = malloc(LARGE + 1);
    for (size_t at = 0; at < LARGE; at++)
        words[at] = (char)('a' + at % 23);
    words[LARGE] = '\0';
    return words;
}

/* It answers before it has heard everything, and no file is needed: none may have a single byte. */
static void scripts_and_pictures_of_any_size_pass(void **state) {
    let_gnuplot_be(*state, "exec cat");
    char *words = large_words(), *bytes;
    size_t size;
    ts_error error = {0};
    limit_files(0);
    const ts_status status = ts_gnuplot_run(print_words, words, 60, &bytes, &size, &error);
    limit_files(RLIM_INFINITY);
    if (status != TS_OK)
        fail_msg("%s", error.message);
    assert_int_equal(size, LARGE);
    assert_memory_equal(bytes, words, LARGE);
    assert_no_child_is_left();
    free(bytes);
    free(words);
}

static void one_that_does_nothing_is_given_up(void **state) {
    static const char *const idle[] = {"exec sleep 100", "exec sleep 100 >/dev/null 2>&1 </dev/null",
                                       "cat >/dev/null; echo half a picture; exec sleep 100"};
    for (size_t k = 0; k < sizeof idle / sizeof idle[0]; k++) {
        let_gnuplot_be(*state, idle[k]);
        assert_fails("plot x\n", 0.3, "gnuplot did nothing for 0 s and was ended");
    }
    let_gnuplot_be(*state, idle[0]);
    char *words = large_words();
    assert_fails(words, 0.3, "gnuplot did nothing");
    free(words);
}

static void one_that_works_long_is_waited_for(void **state) {
    let_gnuplot_be(*state, "i=0; while [ $i -lt 900000 ]; do i=$((i+1)); done; cat");
    char *bytes;
    size_t size;
    ts_error error = {0};
    if (ts_gnuplot_run(print_words, "plot x\n", 0.8, &bytes, &size, &error) != TS_OK)
        fail_msg("%s", error.message);
    assert_int_equal(size, 7);
    free(bytes);
}

static void its_end_is_told(void **state) {
    let_gnuplot_be(*state, "kill -SEGV $$");
    assert_fails("plot x\n", 60, "gnuplot was ended by signal 11");
    let_gnuplot_be(*state, "exec >&- 2>&-; exit 0");
    assert_fails("plot x\n", 60, "gnuplot drew nothing");
    let_gnuplot_be(*state, "echo '\"-\" line 7: no such word' >&2; exit 1");
    assert_fails("plot x\n", 60, "gnuplot could not draw the picture: no such word");
    let_gnuplot_be(*state, "exit 3"); /* with most of the script untold */
    char *words = large_words();
    assert_fails(words, 60, "it gave no reason");
    free(words);
    let_gnuplot_be(*state, "yes complaint | head -c 1000000 >&2; echo the last >&2; exit 1");
    assert_fails("plot x\n", 60, "the last");
}

/* What it left running in the background does not hold the picture up. */
static void only_gnuplot_itself_is_waited_for(void **state) {
    let_gnuplot_be(*state, "sleep 20 & echo $! >\"$0.pid\"; cat; exit 0");
    char *bytes, line[32];
    size_t size;
    ts_error error = {0};
    if (ts_gnuplot_run(print_words, "plot x\n", 10, &bytes, &size, &error) != TS_OK)
        fail_msg("%s", error.message);
    assert_int_equal(size, 7);
    free(bytes);
    FILE *file = fopen(path_in(*state, "gnuplot.pid"), "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    assert_int_equal(kill((pid_t)strtol(line, NULL, 10), SIGKILL), 0);
}

/* Orphans of this process become its children here, so that it sees their end. */
static void it_ends_with_its_parent(void **state) {
    test_folder *folder = *state;
    let_gnuplot_be(folder, "echo $$ >\"$0.new\"; mv \"$0.new\" \"$0.pid\"; exec sleep 100");
    path_in(folder, "gnuplot.pid");
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    const pid_t parent = fork();
    if (parent == 0) {
        char *bytes;
        size_t size;
        ts_gnuplot_run(print_words, "plot x\n", 100, &bytes, &size, NULL);
        _exit(0);
    }
    FILE *file = NULL;
    for (int k = 0; k < 1000 && !(file = fopen(folder->path, "r")); k++)
        usleep(10000);
    assert_non_null(file);
    char line[32];
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    const pid_t child = (pid_t)strtol(line, NULL, 10);
    kill(parent, SIGKILL);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    pid_t found = 0;
    for (int k = 0; k < 1000 && found == 0; k++) {
        usleep(10000);
        found = waitpid(child, NULL, WNOHANG);
    }
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
    if (found != child) {
        kill(child, SIGKILL);
        fail_msg("gnuplot outlived its parent");
    }
}

/* ---- strings, read by the real gnuplot */

static const char *const nasty[] = {
    "'Box' derivative",
    "''two in a row'' '''three'''",
    "'",
    "''",
    "ends in a quote'",
    "\"double\" \"\" quotes \"",
    "back\\slash \\n \\t \\047 \\\\ \\",
    "`ls` ``",
    "@macro @@ $var $1 ${x}",
    "under_score sup^er {brace} {/Bold x} ~tilde &amp &amp; <b> </text> ]]> <![CDATA[",
    "%d %s %g %% 100%",
    "# no comment; plot x",
    "1 0612 7 8 9 '1'2",
    "a\xc3\xa9 \xce\xb5 \xe2\x86\x92 0 \xe6\x95\xb0\xe5\xad\xa6",
    "\xf0\x9f\x98\x80 emoji \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 right to left",
    "combi\xcc\x88ning e\xcc\x81\xcc\xa3",
    "|pipe > file < file !ls",
    " blank at both ends ",
    "two  blanks",
};

#define NASTY (sizeof nasty / sizeof nasty[0])

static bool print_nasty(FILE *script, const void *picture) {
    const size_t count = NASTY;
    (void)picture;
    fputs("set encoding utf8\nset terminal svg enhanced\nset xrange [0:1]\n", script);
    for (size_t k = 0; k < NASTY; k++) {
        fputs("set label ", script);
        ts_gnuplot_string(script, nasty[k], strlen(nasty[k]));
        fprintf(script, " at graph 0, graph %.3f noenhanced\n", (double)k / (double)count);
    }
    fputs("plot x\n", script);
    return true;
}

/* The text of XML without its entities; `text` is changed. */
static void resolve_entities(char *text) {
    static const struct { const char *entity, *character; } entities[] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}};
    for (; *text != '\0'; text++)
        for (size_t k = 0; k < sizeof entities / sizeof entities[0]; k++)
            if (strncmp(text, entities[k].entity, strlen(entities[k].entity)) == 0) {
                *text = *entities[k].character;
                memmove(text + 1, text + strlen(entities[k].entity), strlen(text + strlen(entities[k].entity)) + 1);
                break;
            }
}

static void strings_are_drawn_as_they_are(void **state) {
    (void)state;
    char *bytes;
    size_t size;
    ts_error error = {0};
    if (ts_gnuplot_run(print_nasty, NULL, 60, &bytes, &size, &error) != TS_OK)
        fail_msg("%s", error.message);
    char *svg = strndup(bytes, size);
    free(bytes);
    resolve_entities(svg);
    for (size_t k = 0; k < NASTY; k++) {
        char drawn[256];
        snprintf(drawn, sizeof drawn, ">%s</text>", nasty[k]);
        if (!strstr(svg, drawn))
            fail_msg("not drawn as it is: %s", nasty[k]);
    }
    free(svg);
}

#define with_gnuplot(test) cmocka_unit_test_setup_teardown(test, folder_and_path_create, folder_and_path_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_gnuplot(scripts_and_pictures_of_any_size_pass), with_gnuplot(one_that_does_nothing_is_given_up),
        with_gnuplot(one_that_works_long_is_waited_for),     with_gnuplot(its_end_is_told),
        with_gnuplot(only_gnuplot_itself_is_waited_for),     with_gnuplot(it_ends_with_its_parent),
        cmocka_unit_test(strings_are_drawn_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
