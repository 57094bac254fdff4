"""Build hook of hatchling: compiles the message catalogs into the package."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogs(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """`version` is "standard" or "editable". The module is run by its path, because the project
        is not installed where it is built."""
        module = runpy.run_path(str(Path(self.root, "wheel", "message_catalogs.py")))
        module["compile_catalogs"]()
