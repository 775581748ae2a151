#!/bin/sh
# femna and its pinned packages in /opt/femna, from the source tree that is the working folder.
# pip's index, mirror or credentials come from /run/secrets/pip.conf and /run/secrets/ca.crt, which are mounted for the
# build and stay out of the image; so do http_proxy, https_proxy and no_proxy, which pip and apt read.
#   EXTRAS  extras of femna to install (wheel)
set -eu

secrets=/run/secrets
if [ -s "$secrets/pip.conf" ]; then
    export PIP_CONFIG_FILE="$secrets/pip.conf"
fi
if [ -s "$secrets/ca.crt" ]; then
    export PIP_CERT="$secrets/ca.crt"
fi
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_CACHE_DIR=/root/.cache/pip
home=/opt/femna
here=$(cd "$(dirname "$0")" && pwd)

case ${1:-all} in
    packages) # everything but femna: this layer stays as long as the pins do
        "$(tools/find-python)" -m venv "$home"
        "$home/bin/python" -c '
import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))
wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
for extra in sys.argv[1].split(","):
    wanted += project["project"]["optional-dependencies"][extra]
print("\n".join(wanted))
' "${EXTRAS:-wheel}" >/tmp/wanted.txt
        "$home/bin/pip" install --progress-bar off --constraint constraints.txt --requirement /tmp/wanted.txt
        rm /tmp/wanted.txt
        ;;
    femna)
        "$home/bin/pip" install --no-deps --no-build-isolation .
        mv "$home/bin/femna" "$home/bin/femna-bare"
        install -m 755 "$here/femna-anywhere" "$home/bin/femna"
        # nothing that builds, tests or documents packages; licences (dist-info) stay
        "$home/bin/python" -m pip uninstall --yes pip
        cd "$home"/lib/python3*/site-packages
        find . -depth -type d -name tests ! -path '*.dist-info/*' -exec rm -rf {} +
        find . -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.pyi' -o -name '*.a' \) -delete
        "$home/bin/python" "$here/strip.py" "$home"
        cd /
        "$here/warm.sh"
        ;;
    *)
        echo 'usage: femna.sh packages | femna' >&2
        exit 2
        ;;
esac
