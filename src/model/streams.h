/* Registry of random streams: every use of random numbers has its id here (MODEL.md section 6). */
#ifndef TS_MODEL_STREAMS_H
#define TS_MODEL_STREAMS_H

enum {
    TS_STREAM_POSITIONS = 1,   /* start positions: word j mod 4 of block j / 4 for neuron j; coordinates one after the
                                * other */
    TS_STREAM_SAMPLES = 2,     /* samples (their first coordinate) and noise: block p / 2 for steps p and p + 1 */
    TS_STREAM_COORDINATES = 3, /* further coordinates of the samples: with b = ceil((d - 1) / 4) blocks for each step,
                                * word (k - 1) mod 4 of block p b + (k - 1) / 4 for coordinate k = 1 .. d - 1 */
    TS_STREAM_WEIGHTS = 4      /* start weights, where they are not 0: word j mod 4 of block j / 4 for neuron j */
};

#endif
