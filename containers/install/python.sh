#!/bin/sh
# A Python that femna runs on. Where the base has one, nothing is done. Else (Debian 12 has 3.11) the upstream source of
# Python that Debian 13 keeps is fetched by apt, which checks its signature, and compiled into /opt/python. It comes from
# the mirror that the base uses; no other registry is needed.
set -eu

if tools/find-python >/dev/null 2>&1; then
    exit 0
fi

release=trixie
source=python3.13
secrets=/run/secrets
if [ -s "$secrets/apt.conf" ]; then
    export APT_CONFIG="$secrets/apt.conf"
fi
source_tree=$(pwd)
work=$(mktemp -d)
cd "$work"

apt-get update
# shellcheck disable=SC2016 # apt's own names, not the shell's
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >sources
mkdir lists empty
set -- -o Dir::Etc::SourceList="$work/sources" -o Dir::Etc::SourceParts="$work/empty" -o Dir::State::Lists="$work/lists"
if [ -s "$secrets/ca.crt" ]; then
    set -- -o "Acquire::https::CAInfo=$secrets/ca.crt" "$@"
fi
apt-get "$@" update
apt-get "$@" source --download-only "$source"

mkdir build
tar -xf "$source"_*.orig.tar.xz --strip-components=1 -C build
cd build
./configure --prefix=/opt/python --disable-test-modules --without-static-libpython --with-ensurepip=install >configure.log
make -j"$(nproc)" >make.log 2>&1 || { tail -n 40 make.log && exit 1; }
make install >install.log 2>&1 || { tail -n 40 install.log && exit 1; }
cd /
rm -rf "$work" /opt/python/share /var/lib/apt/lists/*
/opt/python/bin/python3 -c 'import bz2, ctypes, lzma, ssl, zlib'
cd "$source_tree"
tools/find-python
