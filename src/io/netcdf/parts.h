/* The parts of a result file. Inside src/io only. */
#ifndef TS_IO_NETCDF_PARTS_H
#define TS_IO_NETCDF_PARTS_H

#include "io/netcdf/writer.h"

#define HISTOGRAM_CHUNK_BYTES (1U << 18) /* of the histograms of some cells, compressed together */

/* Global attributes: where the result comes from, and every setting. */
void ts_write_attributes(ts_writer *writer, const ts_result_origin *origin);

/* The axes of the cells, and variables over them with one value a cell; of a sweep with theory also the agreement of
 * its trainings with their limits. Adds up the amount. */
void ts_write_cells(ts_writer *writer);

/* The bins of the losses and the numbers of covered jumps, and trainings by them. */
void ts_write_histograms(ts_writer *writer);

/* Variables over neurons of the limit epsilon -> 0; only for a sweep with theory. */
void ts_write_limits(ts_writer *writer);

/* Dimension observation with its times, and the statistics then; and the histograms then, behind the others. Only for a
 * sweep with observations. */
void ts_write_observations(ts_writer *writer);
void ts_write_observed_histograms(ts_writer *writer);

/* Dimension replicate, up to the last one that finished in any cell, and how every training ended. */
void ts_write_outcomes(ts_writer *writer);

/* Dimension neuron; only for a sweep that kept trainings or their states, as what follows. */
void ts_write_neurons(ts_writer *writer);

/* The final state of every training, where they were kept. */
void ts_write_trainings(ts_writer *writer);

/* The words with which a training could go on, where these were kept. */
void ts_write_states(ts_writer *writer);

#endif
