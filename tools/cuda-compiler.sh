#!/bin/sh
# Usage: cuda-compiler.sh
# Prints the path of nvcc, CUDA's compiler. Where the machine has none, it first installs NVIDIA's packages from the Python
# package index into build/cuda-compiler (nothing outside of that folder; about 500 MB).
set -eu

case ${1-} in
'') ;;
*) sed -n '2,4s/^# //p' "$0"; case $1 in -h | --help) exit 0 ;; *) exit 2 ;; esac ;;
esac

if command -v nvcc 2>/dev/null; then exit 0; fi
if [ -x /usr/local/cuda/bin/nvcc ]; then
    echo /usr/local/cuda/bin/nvcc
    exit 0
fi
cd "$(dirname "$0")/.."
folder=$(pwd)/build/cuda-compiler
find_nvcc() { find "$folder" -path '*/bin/nvcc' -type f 2>/dev/null | head -n 1; }
if [ -z "$(find_nvcc)" ]; then
    echo "cuda-compiler: installing nvcc in $folder" >&2
    sh tools/setup.sh bench cuda
    python3 -m venv "$folder" >&2
    "$folder/bin/pip" install --quiet 'nvidia-cuda-nvcc==13.*' 'nvidia-cuda-runtime==13.*' 'nvidia-curand==10.*' \
        'nvidia-nvtx==13.*' >&2
fi
find_nvcc
