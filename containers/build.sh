#!/bin/sh
# Builds femna's image with docker, podman or buildah, whichever answers first:  make image
# From the environment, all optional:
#   BASE EXTRAS DEBIAN     as in containers/Dockerfile
#   TAG                    name of the image (femna)
#   IMAGE_TOOL IMAGE_FLAGS the tool, and further options of its build, such as "--network host"
#   PIP_CONF APT_CONF CA   files for the network of the build alone: pip.conf, apt.conf, certificates of an authority
# http_proxy, https_proxy and no_proxy are handed on; nothing of these six stays in the image.
set -eu
cd "$(dirname "$0")/.."

tool=${IMAGE_TOOL:-}
for candidate in docker podman buildah; do
    if [ -z "$tool" ] && "$candidate" info >/dev/null 2>&1; then
        tool=$candidate
    fi
done
if [ -z "$tool" ]; then
    echo 'containers/build.sh: neither docker, podman nor buildah works here (Debian: apt-get install buildah runc)' >&2
    exit 3
fi

set -- --file containers/Dockerfile --tag "${TAG:-femna}"
for name in BASE EXTRAS DEBIAN; do
    eval "value=\${$name:-}"
    [ -z "$value" ] || set -- "$@" --build-arg "$name=$value"
done
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    eval "value=\${$name:-}"
    [ -z "$value" ] || set -- "$@" --build-arg "$name"
done
set -- "$@" --build-arg "VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)"
set -- "$@" --build-arg "REVISION=$(git describe --always --dirty --abbrev=40 2>/dev/null || echo unknown)"
[ -z "${PIP_CONF:-}" ] || set -- "$@" --secret "id=pip.conf,src=$PIP_CONF"
[ -z "${APT_CONF:-}" ] || set -- "$@" --secret "id=apt.conf,src=$APT_CONF"
[ -z "${CA:-}" ] || set -- "$@" --secret "id=ca.crt,src=$CA"
[ "$tool" = docker ] || set -- --layers "$@"
[ "$tool" = buildah ] && verb=bud || verb=build
# shellcheck disable=SC2086 # IMAGE_FLAGS is a list of words
"$tool" "$verb" "$@" ${IMAGE_FLAGS:-} .
