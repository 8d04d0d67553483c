/* Pictures: files that appear whole or not at all. */
#ifndef TS_IO_PICTURE_FILE_H
#define TS_IO_PICTURE_FILE_H

#include <timescape.h>

/* Put the `bytes` of a picture at `path`: written under a temporary name in the same folder, synced, renamed. A
 * symbolic link at `path` stays and what it leads to is replaced, if it is a picture (PNG, SVG, PDF, GIF), whose mode
 * stays. On failure nothing stays behind and an older file is untouched. TS_FAILED. */
ts_status ts_file_replace(const char *path, const void *bytes, size_t size, ts_error *error);

/* Would ts_file_replace find its folder, be allowed to write there, and to replace what is there? Creates nothing that
 * stays. TS_INVALID. */
ts_status ts_file_check(const char *path, ts_error *error);

#endif
