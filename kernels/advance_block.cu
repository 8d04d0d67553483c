// A block for a training.
#include "advance.cuh"
#include "backend/cuda/shape_list.h"

const advance_entry advance_block_entries[] = {TS_BLOCK_SHAPES(TS_BLOCK_ENTRY)};
const size_t advance_block_count = sizeof advance_block_entries / sizeof *advance_block_entries;
