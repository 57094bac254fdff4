"""Version of the project, and whether it runs from a checkout or from the installed package."""

from pathlib import Path

VERSION = "0.1.0"  # pyproject.toml reads it here
FOLDER = Path(__file__).resolve().parent.parent
IS_CHECKOUT = (FOLDER / "manage.py").is_file()  # the package has the command `tokenwheel` instead
COMMAND_LINE = "python manage.py" if IS_CHECKOUT else "tokenwheel"
