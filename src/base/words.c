#include "base/words.h"

#include <string.h>
#include <timescape.h>

const char *const ts_words_dynamics[] = {
    [TS_DYNAMICS_SGD] = "sgd", [TS_DYNAMICS_GRADIENT_FLOW] = "gradient_flow", NULL};
const char *const ts_words_activation[] = {[TS_ACTIVATION_STEP] = "step", [TS_ACTIVATION_RELU] = "relu", NULL};
const char *const ts_words_init[] = {
    [TS_INIT_UNIFORM] = "uniform", [TS_INIT_EQUISPACED] = "equispaced", [TS_INIT_STRATIFIED] = "stratified", NULL};
const char *const ts_words_derivative[] = {[TS_DERIVATIVE_EXACT] = "exact", [TS_DERIVATIVE_BOX] = "box", NULL};
const char *const ts_words_randomness[] = {
    [TS_RANDOMNESS_COMMON] = "common", [TS_RANDOMNESS_INDEPENDENT] = "independent", NULL};
const char *const ts_words_stop[] = {[TS_STOP_NEVER] = "never", [TS_STOP_FIRST_SUCCESS] = "first_success", NULL};
const char *const ts_words_clock[] = {
    [TS_CLOCK_STEPS] = "steps", [TS_CLOCK_SLOW_TIME] = "slow_time", [TS_CLOCK_FAST_TIME] = "fast_time", NULL};
const char *const ts_words_criterion[] = {
    [TS_CRITERION_LOSS] = "loss", [TS_CRITERION_POSITIONS] = "positions", [TS_CRITERION_BOTH] = "both", NULL};

int ts_words_find(const char *const *words, const char *word) {
    for (int value = 0; words[value]; value++)
        if (strcmp(word, words[value]) == 0)
            return value;
    return -1;
}
