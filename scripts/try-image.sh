#!/bin/sh
# Starts the files of the built image IMAGE (tokenwheel) as a container would: as its user, with its
# variables, read-only but for /data and /tmp, without a network. Prints its observations. Needs Debian
# and root.
set -eu

image=${IMAGE:-tokenwheel}
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs

if [ "${1:-}" != inside ]; then
    container=$(buildah from "$image")
    trap 'buildah rm "$container" >/dev/null' EXIT
    root=$(buildah mount "$container")
    buildah inspect --type image "$image" | python3 -c \
        'import json, sys; print(json.dumps(json.load(sys.stdin)["OCIv1"]["config"]))' \
        >"$root/image-config.json"
    echo "image size: $(buildah images --format '{{.Size}}' "localhost/$image")"
    unshare --net --mount "$0" inside "$root"
    exit
fi

# These mounts are visible to this process only, and end with it.
root=$2
mount --bind "$root" "$root"
mount --bind "$root/data" "$root/data"
mount --bind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
touch "$root/app/written" 2>/dev/null || echo "files: read-only"

ip link set lo up
echo "interfaces: $(tail -n +3 /proc/net/dev | cut -d : -f 1 | xargs)"
python3 scripts/try_image.py "$root"
