#!/bin/sh
# Runs a compile command and keeps what ptxas reports about registers, stack and spills in OBJECT.resources beside the
# object, instead of between the messages of the build.
object=
previous=
for argument in "$@"; do
    [ "$previous" = -o ] && object=$argument
    previous=$argument
done
"$@" >"$object.resources" 2>&1
status=$?
# What is not the report is for the reader of the build.
grep -v -e '^ptxas info' -e 'bytes stack frame' -e '^$' "$object.resources" >&2
exit $status
