#!/bin/sh
# Starts the built image's files as the image would be started: as its user, with its variables, and
# here with the network cut off. Says what it saw. Needs Debian and root.
set -eu

image=${IMAGE:-tokenwheel}
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs

if [ "${1:-}" != inside ]; then
    container=$(buildah from "$image")
    root=$(buildah mount "$container")
    trap 'umount -R "$root/proc" "$root/dev" 2>/dev/null || true; buildah rm "$container" >/dev/null' EXIT
    config=$(buildah inspect --type image "$image" | python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["OCIv1"]["config"]))')
    echo "$config" >"$root/image-config.json"
    echo "image size: $(buildah images --format '{{.Size}}' "localhost/$image")"
    mount --bind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    unshare --net "$0" inside "$root"
    exit
fi

root=$2
ip link set lo up
echo "interfaces: $(tail -n +3 /proc/net/dev | cut -d : -f 1 | xargs)"
python3 scripts/try_image.py "$root"
