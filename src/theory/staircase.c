#include "theory/staircase.h"

ts_staircase ts_staircase_of(const ts_settings *settings) {
    ts_staircase target = {.jump_count = (int)settings->jump_count};
    target.level[0] = settings->target_base;
    for (int k = 0; k < target.jump_count; k++) {
        target.at[k] = settings->jump_at[k];
        target.level[k + 1] = target.level[k] + settings->jump_by[k];
    }
    return target;
}
