/* Where a file goes: its folder, the names in it, and the temporary file that becomes it. Inside src/io only. */
#ifndef TS_IO_TARGET_H
#define TS_IO_TARGET_H

#include <sys/stat.h>
#include <timescape.h>

typedef struct ts_target {
    const char *path;   /* as it was asked for; belongs to the caller */
    char *file;         /* the same with links resolved */
    const char *name;   /* the last part of `file` */
    int folder;         /* open */
    bool exists;        /* something stands at `file` */
    struct stat found;  /* that */
    char temporary[64]; /* name in the folder; "": none */
} ts_target;

/* Why the file that is open here may not be replaced; NULL: it may. */
typedef const char *ts_target_objection(int file);

/* Find out where `path` leads. Errors with `status`: no name of a file, a folder, no regular file, a link to nowhere,
 * no folder. Free it in any case. */
ts_status ts_target_find(ts_target *target, const char *path, ts_status status, ts_error *error);
void ts_target_free(ts_target *target);

/* May what stands there be replaced: does its mode let this user write, and is it empty, or is there no `objection`?
 * Errors with `status`. */
ts_status ts_target_may_replace(const ts_target *target, ts_target_objection *objection, ts_status status,
                                ts_error *error);

/* Why the user may not write a file like this one in this folder; NULL: nothing speaks against it. */
const char *ts_target_protection(int folder, const char *name, const struct stat *found);

/* Make a temporary file in the folder, open for writing, with the mode of what stands there or of any new file. Returns
 * -1 and errno on failure. */
int ts_target_open_temporary(ts_target *target);

/* Remove the temporary files of processes that were killed, for one who knows that no other makes a file there. */
void ts_target_clean(const ts_target *target);

/* Can a file be made in the folder? Makes none that stays. Errors: TS_INVALID. */
ts_status ts_target_try(ts_target *target, ts_error *error);

/* Give the temporary file the owner and the mode of the file that it will replace. */
void ts_target_inherit(int temporary, const struct stat *old);

/* Call the temporary file `name` where nothing has that name. Returns 0 or an errno: EEXIST. */
int ts_target_name_new(ts_target *target, const char *name);

/* Call it `name`, whatever that was before. Returns 0 or an errno. */
int ts_target_name_over(ts_target *target, const char *name);

/* Make the names durable, as far as the file system can. */
void ts_target_sync(const ts_target *target);

/* Remove the temporary file, if it is still there. */
void ts_target_forget(ts_target *target);

#endif
