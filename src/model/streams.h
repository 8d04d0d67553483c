/* Registry of random streams: every use of random numbers has its id here (MODEL.md section 6). */
#ifndef TS_MODEL_STREAMS_H
#define TS_MODEL_STREAMS_H

enum {
    TS_STREAM_POSITIONS = 1, /* start positions: word j mod 4 of block j / 4 for neuron j */
    TS_STREAM_SAMPLES = 2    /* samples and noise: block p / 2 for steps p and p + 1 */
};

#endif
