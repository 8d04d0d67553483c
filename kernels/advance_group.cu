// A training shared by lanes of a warp.
#include "advance.cuh"
#include "backend/cuda/shape_list.h"

const advance_entry advance_group_entries[] = {TS_GROUP_SHAPES(TS_GROUP_ENTRY)};
const size_t advance_group_count = sizeof advance_group_entries / sizeof *advance_group_entries;
