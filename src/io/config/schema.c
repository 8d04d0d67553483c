#include "io/config/schema.h"

#define NEEDED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL
#define CHOICE (CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT) /* by name only, not by number */
#define LIST CYAML_FLAG_POINTER

static const cyaml_strval_t dynamics_names[] = {
    {"sgd", TS_DYNAMICS_SGD},
    {"gradient_flow", TS_DYNAMICS_GRADIENT_FLOW},
};
static const cyaml_strval_t activation_names[] = {
    {"step", TS_ACTIVATION_STEP},
    {"relu", TS_ACTIVATION_RELU},
};
static const cyaml_strval_t init_names[] = {
    {"uniform", TS_INIT_UNIFORM},
    {"equispaced", TS_INIT_EQUISPACED},
};
static const cyaml_strval_t derivative_names[] = {
    {"exact", TS_DERIVATIVE_EXACT},
    {"box", TS_DERIVATIVE_BOX},
};
static const cyaml_strval_t randomness_names[] = {
    {"common", TS_RANDOMNESS_COMMON},
    {"independent", TS_RANDOMNESS_INDEPENDENT},
};

static const cyaml_schema_field_t jump_fields[] = {
    CYAML_FIELD_FLOAT("at", NEEDED, ts_config_jump, at),
    CYAML_FIELD_FLOAT("by", NEEDED, ts_config_jump, by),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t jump_schema = {CYAML_VALUE_MAPPING(NEEDED, ts_config_jump, jump_fields)};

static const cyaml_schema_field_t target_fields[] = {
    CYAML_FIELD_FLOAT("base", NEEDED, ts_config_target, base),
    CYAML_FIELD_SEQUENCE("jumps", LIST, ts_config_target, jumps, &jump_schema, 0, TS_MAX_JUMPS),
    CYAML_FIELD_UINT_PTR("dimension", OPTIONAL, ts_config_target, dimension),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t network_fields[] = {
    CYAML_FIELD_FLOAT_PTR("eta", OPTIONAL, ts_config_network, eta), /* of steps; fill_network asks for it */
    CYAML_FIELD_ENUM_PTR("activation", CHOICE, ts_config_network, activation, activation_names,
                         CYAML_ARRAY_LEN(activation_names)),
    CYAML_FIELD_ENUM_PTR("init", CHOICE, ts_config_network, init, init_names, CYAML_ARRAY_LEN(init_names)),
    CYAML_FIELD_FLOAT_PTR("start_weight", OPTIONAL, ts_config_network, start_weight),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t horizon_fields[] = {
    CYAML_FIELD_UINT_PTR("steps", OPTIONAL, ts_config_horizon, steps),
    CYAML_FIELD_FLOAT_PTR("slow_time", OPTIONAL, ts_config_horizon, slow_time),
    CYAML_FIELD_FLOAT_PTR("min_fast_time", OPTIONAL, ts_config_horizon, min_fast_time),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t sgd_fields[] = {
    CYAML_FIELD_FLOAT("h", NEEDED, ts_config_sgd, h),
    CYAML_FIELD_FLOAT_PTR("noise", OPTIONAL, ts_config_sgd, noise),
    CYAML_FIELD_ENUM_PTR("derivative", CHOICE, ts_config_sgd, derivative, derivative_names,
                         CYAML_ARRAY_LEN(derivative_names)),
    CYAML_FIELD_MAPPING("horizon", NEEDED, ts_config_sgd, horizon, horizon_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t range_fields[] = {
    CYAML_FIELD_FLOAT("from", NEEDED, ts_config_range, from),
    CYAML_FIELD_FLOAT("to", NEEDED, ts_config_range, to),
    CYAML_FIELD_UINT("count", NEEDED, ts_config_range, count),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t axis_value_schema = {CYAML_VALUE_FLOAT(NEEDED, double)};

static const cyaml_schema_field_t axis_fields[] = {
    CYAML_FIELD_SEQUENCE("values", LIST | OPTIONAL, ts_config_axis, values, &axis_value_schema, 1, TS_MAX_CELLS),
    CYAML_FIELD_MAPPING_PTR("log", OPTIONAL, ts_config_axis, log, range_fields),
    CYAML_FIELD_MAPPING_PTR("linear", OPTIONAL, ts_config_axis, linear, range_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t sweep_fields[] = {
    CYAML_FIELD_MAPPING("epsilon", NEEDED, ts_config_sweep, epsilon, axis_fields),
    CYAML_FIELD_MAPPING("neurons", NEEDED, ts_config_sweep, neurons, axis_fields),
    CYAML_FIELD_UINT("replicates", NEEDED, ts_config_sweep, replicates),
    CYAML_FIELD_ENUM_PTR("randomness", CHOICE, ts_config_sweep, randomness, randomness_names,
                         CYAML_ARRAY_LEN(randomness_names)),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t success_fields[] = {
    CYAML_FIELD_FLOAT_PTR("unexplained_variance", OPTIONAL, ts_config_success, unexplained_variance),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t output_fields[] = {
    CYAML_FIELD_BOOL_PTR("keep_trainings", OPTIONAL, ts_config_output, keep_trainings),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_STRING_PTR("title", OPTIONAL, ts_config_file, title, 0, TS_MAX_TITLE),
    CYAML_FIELD_UINT("seed", NEEDED, ts_config_file, seed),
    CYAML_FIELD_ENUM_PTR("dynamics", CHOICE, ts_config_file, dynamics, dynamics_names, CYAML_ARRAY_LEN(dynamics_names)),
    CYAML_FIELD_MAPPING("target", NEEDED, ts_config_file, target, target_fields),
    CYAML_FIELD_MAPPING("network", NEEDED, ts_config_file, network, network_fields),
    CYAML_FIELD_MAPPING("sgd", NEEDED, ts_config_file, sgd, sgd_fields),
    CYAML_FIELD_MAPPING("sweep", NEEDED, ts_config_file, sweep, sweep_fields),
    CYAML_FIELD_MAPPING_PTR("success", OPTIONAL, ts_config_file, success, success_fields),
    CYAML_FIELD_BOOL_PTR("theory", OPTIONAL, ts_config_file, theory),
    CYAML_FIELD_MAPPING_PTR("output", OPTIONAL, ts_config_file, output, output_fields),
    CYAML_FIELD_END,
};

const cyaml_schema_value_t ts_config_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, ts_config_file, file_fields),
};
