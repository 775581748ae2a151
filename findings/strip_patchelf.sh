#!/bin/bash
# binutils' strip writes a library of a PyPI wheel (edited by patchelf) so that the loader refuses it.
# Expected: `strip --strip-unneeded` leaves a shared library loadable (its manual: it discards symbols only).
# Seen (binutils 2.40, Debian 12; scipy 1.18.1): "ELF load command address/offset not page-aligned".
# Exits 1 when that is no longer so. Needs Python 3.12-3.14 with venv, and strip.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.5.5 scipy==1.18.1 2>/dev/null
strip --version | head -n 1
library=$(ls "$work"/venv/lib/python3*/site-packages/scipy.libs/libscipy_openblas-*.so)
load() { "$work/venv/bin/python" -c 'import scipy.linalg; print("loads")' 2>&1 | tail -n 1; }
echo "as it comes: $(load)"
strip --strip-unneeded "$library"
after=$(load)
echo "expected after strip: loads"
echo "seen after strip: $after"
case $after in *page-aligned*) ;; *) exit 1 ;; esac
