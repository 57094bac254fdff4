#!/bin/sh
# Builds the image without a Docker engine, with Debian's buildah. If the base image cannot be fetched,
# debootstrap makes a stand-in under the same name. Needs Debian and root.
#
# IMAGE  name of the image (tokenwheel)      MODELS  models to include (smollm2-135m)
# BASE=stand-in  do not try to fetch the base image
set -eu

image=${IMAGE:-tokenwheel}
models=${MODELS:-smollm2-135m}
base=$(sed -n 's/^FROM \(.*\) AS base$/\1/p' Dockerfile)
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs

if ! command -v buildah >/dev/null || ! command -v debootstrap >/dev/null; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends buildah debootstrap
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# This machine's settings of pip are mounted for the build and do not become part of the image.
bind_pip_settings() {
    echo "[global]" >"$work/pip.conf"
    python3 -m pip config list 2>/dev/null | sed -n "s/^\(global\|:env:\)\.\([a-z-]*\)='\(.*\)'$/\2 = \3/p" |
        sort -u -t = -k 1,1 >>"$work/pip.conf"
    set -- -v "$work/pip.conf:/etc/pip.conf:ro"
    paths=$(grep -v '://' "$work/pip.conf" | grep -o '/[A-Za-z0-9._/-]*' || true)
    for index in $(grep -o 'file://[A-Za-z0-9._/-]*' "$work/pip.conf" || true); do
        paths="$paths $(dirname "${index#file://}")" # an index refers to files beside it
    done
    for path in $(echo "$paths" | tr ' ' '\n' | sort -u); do
        [ ! -e "$path" ] || set -- "$@" -v "$path:$path:ro"
    done
    echo "$@"
}

make_stand_in() {
    echo "== $base: a stand-in, from Debian's packages"
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
        bookworm "$work/base" >"$work/debootstrap.log" || { cat "$work/debootstrap.log"; exit 1; }
    rm -rf "$work"/base/var/cache/apt/* "$work"/base/var/lib/apt/lists/*
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$work/base" /
    buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    buildah commit --quiet --rm "$container" "docker.io/library/$base"
    rm -rf "$work/base"
}

if ! buildah inspect --type image "docker.io/library/$base" >/dev/null 2>&1; then
    if [ "${BASE:-}" = stand-in ] || ! buildah pull "docker.io/library/$base"; then
        make_stand_in
    fi
fi

started=$(date +%s)
extra_index=$(python3 -m pip config get global.extra-index-url 2>/dev/null || true)
# shellcheck disable=SC2046 # a list of options
buildah build --format docker --layers=false $(bind_pip_settings) \
    --build-arg MODELS="$models" \
    ${extra_index:+--build-arg PIP_EXTRA_INDEX_URL="$extra_index"} \
    --tag "$image" .
echo "== built $image with $models in $(($(date +%s) - started)) s:" \
    "$(buildah images --format '{{.Size}}' "$image")"
