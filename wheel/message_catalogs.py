"""Compilation of the message catalogs: each `django.po` becomes the `django.mo` that gettext reads.

Only `.po` files are in version control. `prepare` compiles them in a checkout or an image, and the
build of the package (hatch_build.py) for an installed server. Without compiled catalogs, all texts
are English.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

LOCALE_FOLDER = Path(__file__).parent / "locale"


def catalogs(folder: Path = LOCALE_FOLDER) -> Iterator[Path]:
    """The `.po` files, by language."""
    yield from sorted(folder.glob("*/LC_MESSAGES/django.po"))


def compile_catalogs(folder: Path = LOCALE_FOLDER) -> list[Path]:
    """Compile those that have changed, and return the written files.

    Raises `OSError` if a folder cannot be written.
    """
    outdated = [path for path in catalogs(folder) if is_outdated(path)]
    for path in outdated:
        write_file(compiled(path), polib.pofile(str(path)).to_binary())
    return [compiled(path) for path in outdated]


def compiled(path: Path) -> Path:
    return path.with_suffix(".mo")


def is_outdated(path: Path) -> bool:
    target = compiled(path)
    return not target.is_file() or target.stat().st_mtime_ns != path.stat().st_mtime_ns


def write_file(path: Path, content: bytes) -> None:
    """Replace the file at once, since a server may be reading it. It gets the modification time of
    its source: a checkout of an older version makes an older source."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    times = path.with_suffix(".po").stat()
    os.utime(file.name, ns=(times.st_atime_ns, times.st_mtime_ns))
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
