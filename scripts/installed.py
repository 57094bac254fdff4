"""Entry point of the installed package, where this file is `tokenwheel_app/__init__.py`.

The project's packages are in the folder of this file, not beside it: in `site-packages`, the
package `wheel` would overwrite PyPI's package of that name.
"""

import sys
from pathlib import Path


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from tokenwheel import command  # noqa: PLC0415 - found since the line above

    command.main()
