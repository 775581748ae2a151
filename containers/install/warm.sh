#!/bin/sh
# Compiles femna's loops once into the image, for any processor of its kind, and Python's own byte code. It is a trial of
# the installation as well: short runs, on two ranks too, and their pictures. A container that starts with an empty cache
# would compile for seconds at the start of each run.
set -eu

home=/opt/femna
export NUMBA_CPU_NAME=generic NUMBA_CACHE_DIR="$home/share/numba" PATH="$home/bin:$PATH"
mkdir -p "$NUMBA_CACHE_DIR"
work=$(mktemp -d)
cd "$work"

for case in demo mci-top nzsp staircase-gpe; do
    femna-bare run "$case" -o "$case" --quiet --set numerics.max_steps=1
done
femna-bare run demo -o 3d --quiet --set numerics.max_steps=1 --set geometry.dim=3 --set geometry.width='6 um' --set numerics.resolution=2
mpirun -n 2 femna-bare run demo -o two --quiet --set numerics.max_steps=2
femna-bare render two
test -n "$(find two/figures -name '*.png')"
cd /
rm -rf "$work"
"$home/bin/python" -m compileall -q -j 0 "$home"/lib/python3*/site-packages || true
chmod -R a+rX "$home"
