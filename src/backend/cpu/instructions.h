/* The instruction sets that the cpu backend is compiled for, and which of them this processor has. */
#ifndef TS_BACKEND_CPU_INSTRUCTIONS_H
#define TS_BACKEND_CPU_INSTRUCTIONS_H

#include "backend/cpu/cpu.h"

typedef struct ts_instructions {
    const char *name;            /* "avx512", "avx2", "baseline" or "portable" */
    const ts_method *dense;      /* steps in one dimension; a step of SGD costs O(m) */
    const ts_method *sorted;     /* the same, costs O(log m + m eta); NULL: only dense */
    double sorted_from, per_eta; /* m (1 + per_eta eta) from which sorted is the faster one (docs/performance.md) */
    const ts_method *plain;      /* every network; costs O(d m) */
} ts_instructions;

/* The sets that this processor has, best first; NULL behind the last one. */
const ts_instructions *ts_instructions_at(size_t index);

/* The set that "auto" (also NULL) or a name means on this processor, or NULL. */
const ts_instructions *ts_instructions_named(const char *name);

/* The method that the backend cpu takes for the trainings of a cell, with options that it was prepared for. */
ts_method_choice ts_cpu_choose;

#endif
