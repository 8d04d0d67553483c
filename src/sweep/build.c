/* Which timescape this is. The values stand in a header that the build writes. */
#include <timescape.h>
#include <timescape_build.h>

const char *ts_version(void) {
    return TS_BUILD_VERSION;
}

const char *ts_commit(void) {
    return TS_BUILD_COMMIT;
}

const char *ts_build(void) {
    return TS_BUILD_DESCRIPTION;
}
