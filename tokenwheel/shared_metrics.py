"""Files in which the web processes of one server share their metrics.

With several processes, `/metrics` is answered by any of them. prometheus_client's multiprocess mode
keeps the counters of each process in files that are mapped into its memory, so a process that is
killed loses none. Beside them each process writes its figures (`worker_figures`). The folder
belongs to one server. gunicorn's master empties it at the start, and adds up the files of processes
that have ended, so that restarts of workers do not fill the disk.
"""

import json
import logging
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from tokenwheel import worker_figures
from tokenwheel.environment import make_folder
from tokenwheel.log_once import log_exception_once
from tokenwheel.worker_figures import ServerFigures

logger = logging.getLogger(__name__)

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when it is imported
KINDS = ("counter", "histogram")
ENDED = "ended"  # in the names of files, in place of a process id
LOCK = "lock"
FILE_BYTES = 1024 * 1024  # for some 5,000 values
HEADER_BYTES = 8  # of such a file: the number of bytes in use
MAX_ENTRY_OVERHEAD_BYTES = 28  # beside a key: its length, padding, value and time
LOCK_TIMEOUT_S = 5.0  # far longer than a scrape takes
IN_FILE_NAMES = re.compile(r"[^\w.-]+")


def create_folder(data_dir: Path, addresses: Sequence[str]) -> Path:
    """Make or empty the folder of the server on these addresses, reserve disk space for the sums of
    ended processes, and turn the multiprocess mode on. Call in the master, before it starts a
    worker. Raises `SettingError`."""
    name = IN_FILE_NAMES.sub("_", ",".join(addresses))
    path = data_dir / "metrics" / name[-200:]
    shutil.rmtree(path, ignore_errors=True)
    make_folder(path, "TOKENWHEEL_DATA_DIR")
    with logged_failures(path):
        (path / LOCK).touch()
        for kind in KINDS:
            reserve(next_sums_file(path, kind))
    os.environ[VARIABLE] = str(path)
    return path


def current_folder() -> Path | None:
    """None if this process counts for itself alone."""
    path = os.environ.get(VARIABLE)
    return Path(path) if path else None


def allocate_files(pid: int) -> None:
    """Reserve the disk space of a process's files: a full disk would end a process that writes to
    an unreserved part of them. Call before the process imports prometheus_client."""
    path = current_folder()
    if path is None:
        return
    with logged_failures(path):
        for kind in KINDS:
            reserve(values_file(path, kind, pid))


def reserve(path: Path, num_bytes: int = FILE_BYTES) -> None:
    """Make the file at least so long, with disk space for all of it. Raises `OSError`, and removes
    the file, which would be an empty and so an unreadable one."""
    path.touch()
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, num_bytes)
    except OSError:
        path.unlink()
        raise


def retire_process(pid: int) -> None:
    """Add what a process has counted to the sums of those that have ended, and remove its files.
    Files for which that fails stay and count on. Never raises, since an exception would end the
    server. Call in the master when a worker has ended."""
    path = current_folder()
    if path is None:
        return
    with logged_failures(path), locked(path):
        for kind in KINDS:
            with logged_failures(path):
                move_values(path, kind, pid)
        with logged_failures(path):
            worker_figures.retire(path, pid)
        mark_as_dead(path, pid)


@contextmanager
def logged_failures(path: Path) -> Iterator[None]:
    """Log any exception, with its traceback once for each type, and go on."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - metrics must not stop the server
        log_exception_once(
            logger, error, "The metrics in %s could not be updated: %s", path, type(error).__name__
        )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Exclude readers while files are added up. Hold it only while files are read or written. Its
    process's end releases it. Raises `filelock.Timeout`."""
    with FileLock(path / LOCK, timeout=LOCK_TIMEOUT_S):
        yield


def read_figures(path: Path) -> ServerFigures:
    """The figures of all processes. Raises `filelock.Timeout`."""
    with locked(path):
        return worker_figures.read_all(path)


def values_file(path: Path, kind: str, process: int | str) -> Path:
    return path / f"{kind}_{process}.db"  # as prometheus_client names them


def next_sums_file(path: Path, kind: str) -> Path:
    """The next sums are written here, before they replace the file of the last ones."""
    return values_file(path, kind, ENDED).with_suffix(".new")


def move_values(path: Path, kind: str, pid: int) -> None:
    """Add the values of a process to the sums of ended ones, all of them or none, and remove its
    file. Raises `OSError`, and various errors for a damaged file."""
    source, target = values_file(path, kind, pid), values_file(path, kind, ENDED)
    if not source.exists():
        return
    sums = defaultdict[str, float](float)
    for file in (target, source):
        for key, value in read_values(file):
            sums[key] += value
    new = next_sums_file(path, kind)
    write_values(new, sums)
    new.replace(target)
    source.unlink()
    reserve(new)


def read_values(path: Path) -> Iterator[tuple[str, float]]:
    """Keys and values of one file, none if it does not exist. A key is JSON: a damaged one must not
    get into the sums, which no process could read then."""
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415 - reads VARIABLE

    if path.exists():
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)):
            json.loads(key)
            yield key, value


def write_values(path: Path, values: Mapping[str, float]) -> None:
    """Replace the contents of a file. The space is reserved before it is written to as memory: on a
    full disk this raises `OSError`, where the system would end the process."""
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415 - reads VARIABLE

    entries_bytes = sum(len(key.encode()) + MAX_ENTRY_OVERHEAD_BYTES for key in values)
    reserve(path, max(FILE_BYTES, HEADER_BYTES + entries_bytes))
    with path.open("r+b") as file:
        file.write(bytes(HEADER_BYTES))  # a failed attempt may have left values
    new = MmapedDict(str(path))
    try:
        for key, value in values.items():
            new.write_value(key, value, 0)
    finally:
        new.close()


def mark_as_dead(path: Path, pid: int) -> None:
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - reads VARIABLE

    mark_process_dead(pid, str(path))
