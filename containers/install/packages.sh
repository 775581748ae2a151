#!/bin/sh
# Debian's packages for femna's image:  packages.sh build | run [PACKAGE ..]
#   build  what the first stage needs to install femna, and to compile Python where the base has none that fits
#   run    what the image itself needs, and what else is named
# A proxy, a mirror or credentials of the build's network come from files that are mounted for the build and stay out of
# the image: /run/secrets/apt.conf (see apt.conf(5)) and /run/secrets/ca.crt.
set -eu

secrets=/run/secrets
if [ -s "$secrets/apt.conf" ]; then
    export APT_CONFIG="$secrets/apt.conf"
fi
export DEBIAN_FRONTEND=noninteractive

apt_get() {
    if [ -s "$secrets/ca.crt" ]; then
        set -- -o "Acquire::https::CAInfo=$secrets/ca.crt" "$@"
    fi
    apt-get -o Acquire::Retries=3 "$@"
}

fits() { # a Python that femna runs on; stage `build` asks tools/find-python, which looks further, for the same
    python3 -I -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
}

offered() { # whether the base's own archive offers one
    apt-cache show python3 2>/dev/null | grep -Eq '^Version: 3\.1[234]\.'
}

# what the wheels of gmsh and VTK expect of the system, and Mesa, which draws without a screen or a graphics card
libraries='libglu1-mesa libgl1 libegl1 libgl1-mesa-dri libxcursor1 libxft2 libxinerama1 libxrender1 libgomp1'

apt_get update
case $1 in
    build)
        if fits; then
            python=''
        elif offered; then
            python='python3 python3-venv'
        else # Debian 12: python.sh compiles Debian 13's
            python='gcc libc6-dev make xz-utils libssl-dev libffi-dev zlib1g-dev libbz2-dev liblzma-dev'
        fi
        shift
        set -- binutils "$@"
        ;;
    run)
        if fits; then
            python=''
        elif offered; then
            python='python3'
        else
            python='libssl3 libffi8 zlib1g libbz2-1.0 liblzma5'
        fi
        shift
        ;;
    *)
        echo 'usage: packages.sh build | run' >&2
        exit 2
        ;;
esac
# shellcheck disable=SC2086 # lists of words
apt_get install --yes --no-install-recommends $libraries $python "$@"
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/cache/debconf/*-old \
    /var/log/apt /var/log/dpkg.log /var/log/alternatives.log
