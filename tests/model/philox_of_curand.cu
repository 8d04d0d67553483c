// cuRAND's Philox, compiled for the host.
#include "model/philox.h"

extern "C" void philox_of_curand(const uint32_t *counter, const uint32_t *key, uint32_t *word) {
    const ts_words words = ts_philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
    for (int i = 0; i < 4; i++)
        word[i] = words.word[i];
}
