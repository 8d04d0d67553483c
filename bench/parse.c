#include "parse.h"
#include "timescape.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_KEY 256 /* of the options of the table, behind those that are characters */
#define MOST 32       /* rows of a table */

static double parse_number(const struct argp_state *state, const bench_option *option, bool whole, const char *text) {
    char *end;
    errno = 0;
    const double value = strtod(text, &end);
    const bool good = !errno && end != text && !*end && value >= option->low && value <= option->high;
    if (!good || (whole && value != floor(value)))
        argp_error(state, "--%s: found '%s', allowed are %snumbers from %g to %g", option->name, text,
                   whole ? "whole " : "", option->low, option->high);
    return value;
}

static void parse_names(const struct argp_state *state, const bench_option *option, char *text, bench_names *names) {
    names->count = 0;
    for (char *name; (name = strsep(&text, ","));) {
        if (!*name || names->count == BENCH_LIST)
            argp_error(state, "--%s: one to %d names between commas are allowed", option->name, BENCH_LIST);
        names->value[names->count++] = name;
    }
}

static void parse_numbers(const struct argp_state *state, const bench_option *option, char *text,
                          bench_numbers *numbers) {
    bench_names words;
    parse_names(state, option, text, &words);
    numbers->count = words.count;
    for (size_t i = 0; i < words.count; i++)
        numbers->value[i] = parse_number(state, option, option->kind == BENCH_WHOLE_NUMBERS, words.value[i]);
}

static void parse_value(const struct argp_state *state, const bench_option *option, char *text, void *place) {
    switch (option->kind) {
    case BENCH_TEXT:
        *(const char **)place = text;
        break;
    case BENCH_NUMBER:
        *(double *)place = parse_number(state, option, false, text);
        break;
    case BENCH_INT:
        *(int *)place = (int)parse_number(state, option, true, text);
        break;
    case BENCH_UINT64:
        *(uint64_t *)place = (uint64_t)parse_number(state, option, true, text);
        break;
    case BENCH_SIZE:
        *(size_t *)place = (size_t)parse_number(state, option, true, text);
        break;
    case BENCH_NAMES:
        parse_names(state, option, text, place);
        break;
    case BENCH_NUMBERS:
    case BENCH_WHOLE_NUMBERS:
        parse_numbers(state, option, text, place);
        break;
    }
}

/* What argp hands around. */
typedef struct parsing {
    const bench_command *command;
    void *into;
} parsing;

static error_t parse_option(int key, char *text, struct argp_state *state) {
    const parsing *p = state->input;
    if (key == ARGP_KEY_END && p->command->check)
        p->command->check(state, p->into);
    if (key < FIRST_KEY || key >= FIRST_KEY + (int)p->command->count)
        return ARGP_ERR_UNKNOWN;
    const bench_option *option = &p->command->options[key - FIRST_KEY];
    parse_value(state, option, text, (char *)p->into + option->place);
    return 0;
}

void bench_parse(const bench_command *command, int argc, char **argv, void *into) {
    struct argp_option entries[MOST + 1] = {{0}};
    int group = 0;
    for (size_t i = 0; i < command->count && i < MOST; i++) {
        const bench_option *option = &command->options[i];
        group += !option->name;
        entries[i] = (struct argp_option){
            option->name, option->name ? FIRST_KEY + (int)i : 0, option->argument, 0, option->about, group};
    }
    const struct argp argp = {.options = entries, .parser = parse_option, .doc = command->about};
    parsing p = {command, into};
    argp_err_exit_status = TS_INVALID;
    argp_parse(&argp, argc, argv, 0, NULL, &p);
}
