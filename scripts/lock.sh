#!/bin/sh
# Prints the pins of all installed packages that the requirements do not pin themselves.
# Omits torch's own dependencies that differ between its CPU and CUDA builds.
set -eu

direct=$(sed -n 's/^\([A-Za-z0-9_.-]*\)\(\[[a-z,]*\]\)\{0,1\}==.*/\1/p' requirements*.txt | tr 'A-Z_' 'a-z-')
echo "# Written by 'make lock': versions of the indirect dependencies."
.venv/bin/pip freeze | grep '==' | while IFS= read -r pin; do
    name=$(printf '%s' "${pin%%==*}" | tr 'A-Z_' 'a-z-')
    case "$name" in nvidia-* | triton) continue ;; esac
    printf '%s\n' "$direct" | grep -qx -- "$name" || printf '%s\n' "$pin"
done
