/* The configuration file as libcyaml fills it in, and the schema it is checked against. A key that may be left out is a
 * pointer, NULL where the file does not give it. */
#ifndef TS_IO_CONFIG_SCHEMA_H
#define TS_IO_CONFIG_SCHEMA_H

#include <cyaml/cyaml.h>
#include <timescape.h>

#define TS_MAX_TITLE 200 /* bytes */

typedef struct ts_config_jump {
    double at, by;
} ts_config_jump;

typedef struct ts_config_target {
    double base;
    ts_config_jump *jumps; /* [jumps_count] */
    size_t jumps_count;
    uint64_t *dimension;
} ts_config_target;

typedef struct ts_config_network {
    double *eta;
    ts_activation *activation;
    ts_init *init;
    double *start_weight;
} ts_config_network;

typedef struct ts_config_horizon {
    uint64_t *steps;
    double *slow_time;
    double *min_fast_time;
} ts_config_horizon;

typedef struct ts_config_sgd {
    double h;
    double *noise;
    ts_derivative *derivative;
    ts_config_horizon horizon;
} ts_config_sgd;

typedef struct ts_config_range {
    double from, to;
    uint64_t count;
} ts_config_range;

/* Exactly one of the three is given; a schema cannot say that, so config.c does. */
typedef struct ts_config_axis {
    double *values; /* [values_count] */
    size_t values_count;
    ts_config_range *log;
    ts_config_range *linear;
} ts_config_axis;

typedef struct ts_config_sweep {
    ts_config_axis epsilon;
    ts_config_axis neurons;
    uint64_t replicates;
    ts_randomness *randomness;
} ts_config_sweep;

typedef struct ts_config_success {
    double *unexplained_variance;
} ts_config_success;

typedef struct ts_config_output {
    bool *keep_trainings;
} ts_config_output;

typedef struct ts_config_file {
    char *title;
    uint64_t seed;
    ts_dynamics *dynamics;
    ts_config_target target;
    ts_config_network network;
    ts_config_sgd sgd;
    ts_config_sweep sweep;
    ts_config_success *success;
    bool *theory;
    ts_config_output *output;
} ts_config_file;

/* Of a ts_config_file. Every mapping lists its keys in the order in which messages name them. */
extern const cyaml_schema_value_t ts_config_schema;

#endif
