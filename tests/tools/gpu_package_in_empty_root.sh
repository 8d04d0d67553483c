#!/bin/sh
# Usage: gpu_package_in_empty_root.sh PACKAGE [SUITE MIRROR [SCRIPT]]
# Runs the dry run of a package (tools/gpu-package.sh --emulator ...) in a system with nothing but what its distribution
# cannot do without, by default Debian 12: debootstrap makes it from MIRROR, by SCRIPT where it does not know
# the suite (Ubuntu: noble http://archive.ubuntu.com/ubuntu /usr/share/debootstrap/scripts/gutsy). Needs to be root, and the network; so it is
# run by hand and not by ctest.
set -eu
package=$(cd "$1" && pwd)
suite=${2:-bookworm}
mirror=${3:-http://deb.debian.org/debian}
tests=$(cd "$(dirname "$0")" && pwd)
empty=$(mktemp -d)
trap 'umount "$empty/proc" 2>/dev/null || true; rm -rf "$empty"' EXIT

debootstrap --variant=minbase "$suite" "$empty" "$mirror" ${4:+"$4"} >"$empty.log" 2>&1 || { tail -n 5 "$empty.log"; exit 1; }
rm -f "$empty.log"
mount -t proc proc "$empty/proc" # the program asks it for the processors
cp -r "$package" "$empty/package"
cp "$tests/gpu_check.sh" "$empty/package/"
echo "in $(sed -n 's/^PRETTY_NAME=//p' "$empty/etc/os-release"), with $(chroot "$empty" dpkg-query -f '.' -W | wc -c) packages:"
for tool in cc cmake nvcc python3 ncu nvidia-smi git; do
    if chroot "$empty" sh -c "command -v $tool" >/dev/null; then echo "$tool is there: the root is not empty" && exit 1; fi
done
said=$(chroot "$empty" sh /package/gpu-check.sh 2>&1) && status=0 || status=$?
echo "$said"
case $status,$said in
1,*'there is no GPU that works: '*) ;;
*) echo "without a GPU the status is $status"; exit 1 ;;
esac
chroot "$empty" sh /package/gpu-check.sh --dry-run --output /tmp/reports
chroot "$empty" sh /package/gpu_check.sh /package '' ''
