// One training a thread.
#include "advance.cuh"
#include "backend/cuda/shape_list.h"

const advance_entry advance_thread_entries[] = {TS_THREAD_SHAPES(TS_GROUP_ENTRY)};
const size_t advance_thread_count = sizeof advance_thread_entries / sizeof *advance_thread_entries;
