/* Reading netCDF files in a process of its own: libnetcdf and HDF5 crash on some damaged files, and come to no end on
 * others. The parent asks, the child answers. Inside src/io only. */
#ifndef TS_IO_NETCDF_SERVE_H
#define TS_IO_NETCDF_SERVE_H

#include <stdint.h>

#define TS_ASKED_DIMENSIONS 8
#define TS_MOST_TEXT (1U << 26)    /* bytes of an attribute */
#define TS_MOST_NUMBERS (1U << 12) /* of an attribute */

typedef enum ts_asked_kind {
    TS_ASK_DIMENSION, /* its id and length */
    TS_ASK_VARIABLE,  /* is it there? */
    TS_ASK_ATTRIBUTE, /* global; is it there? */
    TS_ASK_TEXT,      /* of a global attribute: length, then so many characters */
    TS_ASK_NUMBERS,   /* of a global attribute: length, then so many doubles */
    TS_ASK_COUNTS,    /* the same as whole numbers of 64 bits */
    TS_ASK_VALUES,    /* of a variable over these dimensions, `count` of each from `start` on: length; then, piece by
                         piece, an answer with the length of the piece, and so many doubles */
    TS_ASK_WHOLE,     /* the same as whole numbers of 64 bits */
    TS_ASK_BYTES      /* the same as whole numbers of 8 bits */
} ts_asked_kind;

typedef struct ts_question {
    int32_t kind;
    int32_t dimension_count;
    int32_t dimensions[TS_ASKED_DIMENSIONS]; /* ids */
    uint64_t start[TS_ASKED_DIMENSIONS], count[TS_ASKED_DIMENSIONS];
    char name[64];
} ts_question;

/* The first one comes without a question: could the file be opened? */
typedef struct ts_answer {
    int32_t code; /* netCDF status; nothing else follows unless it is NC_NOERR */
    int32_t id;
    uint64_t length;
} ts_answer;

/* A ts_child_work. `context` is an int: an open file. */
int ts_reader_serve(void *context, int channel);

#endif
