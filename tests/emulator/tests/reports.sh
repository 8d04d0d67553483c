#!/bin/sh
# Usage: reports.sh bugs|inject|vadd PROGRAM
# Plants bugs in PROGRAM, makes its calls fail, or has it counted, and looks for what the emulator is to say.
set -u
what=$1
program=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fails=0

say() { # status, what
    if [ "$1" -eq 0 ]; then echo "ok    $2"; else echo "FAIL  $2"; fails=$((fails + 1)); fi
}

bug() { # argument, settings, expected report, expected error
    # shellcheck disable=SC2086 # settings are words
    env $2 timeout 60 "$program" "$1" >"$work/out.txt" 2>&1
    grep -q -- "$3" "$work/out.txt" && grep -q "^$4" "$work/out.txt"
    found=$?
    [ $found -eq 0 ] || cat "$work/out.txt"
    say $found "planted bug: $1"
}

case $what in
bugs)
    bug none "SOFTGPU_INITCHECK=1 SOFTGPU_RACECHECK=1" "" cudaSuccess
    bug oob "" "fill(int\*, int): block (0,0,0) thread (100,0,0), PTX line .*invalid global write of 4 bytes.*0 bytes past the end of device allocation" cudaErrorIllegalAddress
    bug oob "" "" "then cudaErrorIllegalAddress"
    bug misaligned "" "misaligned global write" cudaErrorMisalignedAddress
    bug null "" "null pointer" cudaErrorIllegalAddress
    bug host "" "not a device address" cudaErrorIllegalAddress
    bug freed "" "inside freed device allocation" cudaErrorIllegalAddress
    bug doublefree "" "was freed before" cudaErrorInvalidValue
    bug shared "" "invalid shared read" cudaErrorIllegalAddress
    bug local "" "invalid local read" cudaErrorIllegalAddress
    bug uninit SOFTGPU_INITCHECK=1 "uninitialised memory" cudaErrorIllegalAddress
    bug uninit "" "" cudaSuccess
    bug race SOFTGPU_RACECHECK=1 "race in shared memory: read after write\|race in shared memory: write after read" cudaErrorLaunchFailure
    bug race "" "" cudaSuccess
    bug racewarp SOFTGPU_RACECHECK=1 "race in shared memory" cudaErrorLaunchFailure
    bug racewrite SOFTGPU_RACECHECK=1 "write after write" cudaErrorLaunchFailure
    bug deadlock "" "deadlock in block (0,0,0); warp 0 lanes 0x0000ffff wait at PTX line" cudaErrorLaunchFailure
    bug assert "" "assertion .threadIdx.x < n. failed" cudaErrorAssert
    bug trap "" "trap instruction" cudaErrorLaunchFailure
    bug unsupported "" "unsupported instruction 'vadd" cudaErrorIllegalInstruction
    bug narrow "" "unsupported instruction 'popc.b16'" cudaErrorIllegalInstruction
    bug wide "" "unsupported instruction 'cvt.u8.u32'" cudaErrorIllegalInstruction
    bug constant "" "invalid global write of 4 bytes.*constant variable cst" cudaErrorIllegalAddress
    bug mask "" "not in its own member mask" cudaErrorLaunchFailure
    bug memcpy "" "pass the end of the allocation" cudaErrorInvalidValue
    bug direction "" "device memory where the direction says host" cudaErrorInvalidValue
    bug timeout SOFTGPU_TIMEOUT=1 "SOFTGPU_TIMEOUT reached" cudaErrorLaunchTimeout
    bug leak SOFTGPU_LEAKCHECK=1 "leak check: 1 allocations, 400 bytes" ""
    # shellcheck disable=SC3045 # every sh that runs this has it
    (ulimit -c 0; exec "$program" segv) >/dev/null 2>&1
    [ $? -eq 139 ]
    say $? 'host access to device memory faults'
    SOFTGPU_MEMORY=20 "$program" none 2>/dev/null | grep -q 'out of memory'
    say $? 'small memory'
    ;;
inject)
    SOFTGPU_FAIL=malloc:3,memcpy:2,launch:5 "$program" >"$work/out.txt" 2>&1
    got=$(grep -v softgpu "$work/out.txt" | sed 's/cudaError//' | tr '\n' ' ')
    want="malloc cudaSuccess malloc cudaSuccess malloc MemoryAllocation malloc cudaSuccess memcpy cudaSuccess memcpy Unknown memcpy cudaSuccess launch cudaSuccess launch cudaSuccess launch cudaSuccess launch cudaSuccess launch LaunchFailure launch LaunchFailure sync LaunchFailure "
    [ "${got% }" = "${want% }" ] || cat "$work/out.txt"
    [ "${got% }" = "${want% }" ]
    say $? 'fault injection'
    SOFTGPU_DEVICES=0 "$program" 2>/dev/null | grep -q 'malloc cudaErrorNoDevice'
    say $? 'no device'
    ;;
vadd)
    SOFTGPU_STATS=$work/stats.json "$program" >/dev/null && python3 -c '
import json, sys
k = {x["name"].split("(")[0]: x for x in json.load(open(sys.argv[1]))["kernels"]}["add"]
assert k["launches"] == 1 and k["blocks"] == 40 and k["warps"] == 320, k
assert k["warp_by_class"]["mem_global"] == 3 * 313 and k["warp_by_class"]["fp32"] == 313, k
assert k["lane_by_class"]["fp32"] == 10007 and 30 < k["mean_active_lanes"] <= 32, k' "$work/stats.json"
    say $? statistics
    SOFTGPU_SAVE=grid3:$work/launch "$program" >/dev/null && python3 -c '
import json, struct, sys
with open(sys.argv[1], "rb") as file:
    head, rest = json.loads(file.readline()), file.read()
assert head["kernel"].startswith("grid3") and head["grid"] == [2, 3, 4] and head["block"] == [5, 3, 2], head
(output,) = struct.unpack("<Q", bytes.fromhex(head["parameters"]))
at = 0
for begin, size in head["allocations"]:
    if begin == output:
        before, after = rest[at:at + size], rest[len(rest) // 2 + at:len(rest) // 2 + at + size]
    at += size
assert len(rest) == 2 * at and before == bytes([0xCD]) * 2880, at
assert after == b"".join(struct.pack("<i", i // 30 * 1000 + i % 30) for i in range(720))' "$work/launch"
    say $? 'a launch is saved'
    ;;
esac
[ $fails -eq 0 ]
