#include "backend/cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is `word` one of the words of `list`, which has commas between them? */
static bool has_word(const char *list, const char *word) {
    const size_t length = strlen(word);
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* Open a file of /proc/self below `root`. */
static FILE *open_own(const char *root, const char *name) {
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/proc/self/%s", root, name);
    return length < PATH_MAX ? fopen(path, "re") : NULL;
}

/* /proc/self/cgroup has a line "number:controllers:path" for each hierarchy; that of version 2 names no controllers.
 * Sets the version of the one that has `controller`, and its path, which the caller frees. */
static char *find_path(const char *root, const char *controller, int *version) {
    char *line = NULL, *path = NULL;
    size_t room = 0;
    FILE *file = open_own(root, "cgroup");
    while (file && *version != 1 && getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *end = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!end)
            continue;
        *end = '\0';
        const int found = controllers[1] == '\0' ? 2 : has_word(controllers + 1, controller) ? 1 : 0;
        if (found > 0) {
            free(path);
            path = strdup(end + 1);
            *version = path ? found : 0;
        }
    }
    free(line);
    if (file)
        fclose(file);
    return path;
}

/* Blanks and backslashes in a path of /proc/self/mountinfo are written as three octal digits. */
static void unescape(char *text) {
    char *to = text;
    for (const char *from = text; *from; to++) {
        if (from[0] == '\\' && strspn(from + 1, "01234567") >= 3) {
            *to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

/* A line of /proc/self/mountinfo: "number parent device root point options ... - type source options". Is it the
 * hierarchy that is looked for? Then *mounted is what is mounted of it, and *point where. */
static bool is_mount(char *line, const char *controller, int version, char **mounted, char **point) {
    char *fields[5], *rest = NULL;
    char *end = strstr(line, " - ");
    if (!end)
        return false;
    *end = '\0';
    fields[0] = strtok_r(line, " ", &rest);
    for (int i = 1; i < 5; i++)
        fields[i] = strtok_r(NULL, " ", &rest);
    const char *type = strtok_r(end + 3, " ", &rest);
    (void)strtok_r(NULL, " ", &rest);
    const char *options = strtok_r(NULL, " \n", &rest);
    if (!fields[4] || !options || strcmp(type, version == 2 ? "cgroup2" : "cgroup") != 0 ||
        (version == 1 && !has_word(options, controller)))
        return false;
    *mounted = fields[3];
    *point = fields[4];
    unescape(*mounted);
    unescape(*point);
    return true;
}

/* What of `path` is below the part `mounted` of its hierarchy. A container sees its own group only, and perhaps under
 * another path: then the mount itself is as near as one gets. */
static const char *below(const char *path, const char *mounted) {
    const size_t length = strcmp(mounted, "/") == 0 ? 0 : strlen(mounted);
    const bool inside = strncmp(path, mounted, length) == 0 && path[length] == '/' && !strstr(path, "/..");
    return inside && path[length + 1] != '\0' ? path + length : "";
}

bool ts_cgroup_find(ts_cgroup *group, const char *root, const char *controller) {
    int version = 0;
    bool found = false;
    char *line = NULL, *mounted, *point;
    size_t room = 0;
    char *path = find_path(root, controller, &version);
    FILE *file = path ? open_own(root, "mountinfo") : NULL;
    while (file && !found && getline(&line, &room, file) > 0) {
        if (!is_mount(line, controller, version, &mounted, &point))
            continue;
        group->version = version;
        group->top = strlen(root) + strlen(point);
        const int length = snprintf(group->folder, sizeof group->folder, "%s%s%s", root, point, below(path, mounted));
        found = length < PATH_MAX;
    }
    free(line);
    free(path);
    if (file)
        fclose(file);
    return found;
}

bool ts_cgroup_up(ts_cgroup *group) {
    char *last = strrchr(group->folder, '/');
    if (!last || (size_t)(last - group->folder) < group->top)
        return false;
    *last = '\0';
    return true;
}

bool ts_cgroup_line(const ts_cgroup *group, const char *file, char *line, size_t size) {
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s", group->folder, file);
    FILE *stream = length < PATH_MAX ? fopen(path, "re") : NULL;
    if (!stream)
        return false;
    const bool whole = fgets(line, (int)size, stream) && (strchr(line, '\n') || feof(stream));
    fclose(stream);
    if (whole)
        line[strcspn(line, "\n")] = '\0';
    return whole;
}
