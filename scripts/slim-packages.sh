#!/bin/sh
# Takes out of .venv what serving never opens: headers, test programs and tests of packages, pip.
set -eu
cd "$(dirname "$0")/.."

packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
rm -rf "$packages/torch/include" "$packages/torch/test" "$packages/torch/share"
# torch looks for torch_shm_manager when it is imported; the rest of torch/bin are its tests.
find "$packages/torch/bin" -type f ! -name torch_shm_manager -delete
find "$packages/sympy" "$packages/networkx" -type d -name tests -prune -exec rm -rf {} +
.venv/bin/python -m pip uninstall --quiet --yes pip
.venv/bin/python -c 'import torch, transformers'
du -sh .venv
