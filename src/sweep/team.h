/* Others that run the same sweep: processes with the same settings, each of which does what it claims. The sweep does
 * not know how they talk to each other. */
#ifndef TS_SWEEP_TEAM_H
#define TS_SWEEP_TEAM_H

#include <timescape.h>

/* `begin`, `unite`, `add`, `least` and `agree` are collective: all members come to the same calls in the same order,
 * each on the thread that runs the sweep. */
typedef struct ts_team {
    void *context; /* first argument of all */
    int rank;      /* 0 .. size - 1; member 0 has the files */
    int size;
    /* There are `items` pieces of work now, all of them free. */
    void (*begin)(void *context, size_t items);
    /* Is piece `item` this member's? Of each piece one member is told so, the first to ask. By one thread at a time. */
    bool (*claim)(void *context, size_t item);
    /* Every member gets the bitwise or, the sum, the least of what they have. */
    void (*unite)(void *context, uint8_t *bytes, size_t count);
    void (*add)(void *context, uint64_t *words, size_t count);
    void (*least)(void *context, uint32_t *words, size_t count);
    /* Every member gets the worst: TS_OK, else TS_INTERRUPTED, else what failed. */
    ts_status (*agree)(void *context, ts_status status);
} ts_team;

#define TS_TEAM_FAILED "another process of the job failed"

/* What all members agree on (`team` NULL: `status`). A member that is fine while another one fails says TS_TEAM_FAILED;
 * why, the other one says. */
ts_status ts_team_agree(const ts_team *team, ts_status status, ts_error *error);

#endif
