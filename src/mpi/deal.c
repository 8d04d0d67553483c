#include "mpi/deal.h"

#include <string.h>

void ts_deal(const ts_sight *sight, size_t *owner, size_t *count) {
    memset(count, 0, sight->processes * sizeof *count);
    for (size_t thing = 0; thing < sight->things; thing++) {
        size_t best = sight->processes;
        for (size_t process = 0; process < sight->processes; process++)
            if (sight->sees[process * sight->things + thing] &&
                (best == sight->processes || count[process] < count[best]))
                best = process;
        owner[thing] = best;
        if (best < sight->processes)
            count[best]++;
    }
}
