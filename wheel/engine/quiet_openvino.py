"""The package openvino, without its telemetry.

Its import sends an event to Google Analytics, unless its conversion tools cannot be imported.
Nothing here needs them.
"""

import sys
from typing import cast

modules = cast("dict[str, object]", sys.modules)
for name in ("openvino_telemetry", "openvino.tools.ovc"):
    modules.setdefault(name, None)  # an import of it raises `ModuleNotFoundError`

import openvino as ov  # noqa: E402
from openvino import Node  # noqa: E402
from openvino import opset13 as ops  # noqa: E402

__all__ = ["Node", "ops", "ov"]
