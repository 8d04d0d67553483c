/* The words for the settings that are a choice, in configurations and in result files. */
#ifndef TS_IO_WORDS_H
#define TS_IO_WORDS_H

/* Each by the value that it stands for (ts_dynamics, ...); NULL behind the last. */
extern const char *const ts_words_dynamics[];
extern const char *const ts_words_activation[];
extern const char *const ts_words_init[];
extern const char *const ts_words_derivative[];
extern const char *const ts_words_randomness[];

#endif
