#!/bin/bash
# scikit-image's 3D skeletonize (Lee's thinning) deletes a rod whose width is an even number of voxels, without a warning.
# Expected: a skeleton about as long as the rod (its ends may be lost), and one piece of skeleton for each piece of the body:
# thinning keeps the topology.
# Seen (scikit-image 0.26.0 from PyPI): of a rod of 4 x 4 x 50 voxels nothing is left, of 5 x 5 x 50 a line.
# Exits 1 when that is no longer so. Needs Python 3.12-3.14 with venv.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.5.5 scikit-image==0.26.0 2>/dev/null
cat >"$work/rods.py" <<'PYTHON'
import sys

import numpy as np
import skimage
from skimage.morphology import skeletonize

print("scikit-image", skimage.__version__)
left = {}
for width in (3, 4, 5, 6):
    body = np.zeros((20, 20, 60), dtype=bool)
    body[5 : 5 + width, 5 : 5 + width, 5:55] = True
    left[width] = int(skeletonize(body).sum())
    print(f"rod {width} x {width} x 50: expected a line of about {50 - width} voxels or more, seen {left[width]}")
sys.exit(0 if left[4] == 0 and left[5] >= 40 else 1)
PYTHON
"$work/venv/bin/python" "$work/rods.py"
