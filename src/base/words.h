/* The words for the settings that are a choice, in configurations, result files and messages: the one place that has
 * them, and so the one that knows which values there are. */
#ifndef TS_BASE_WORDS_H
#define TS_BASE_WORDS_H

/* Each by the value that it stands for (ts_dynamics, ...), from 0 on without gaps; NULL behind the last. */
extern const char *const ts_words_dynamics[];
extern const char *const ts_words_activation[];
extern const char *const ts_words_init[];
extern const char *const ts_words_derivative[];
extern const char *const ts_words_randomness[];
extern const char *const ts_words_stop[];
extern const char *const ts_words_clock[];
extern const char *const ts_words_criterion[];

/* The value that a word stands for; -1: it is none of them. */
int ts_words_find(const char *const *words, const char *word);

#endif
