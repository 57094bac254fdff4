"""Files in which the web processes of one server share their metrics.

With several processes, `/metrics` is answered by any of them. prometheus_client's multiprocess mode
keeps the counters of each process in files that are mapped into its memory, so a process that is
killed loses none. Beside them each process writes its figures (`worker_figures`). The folder
belongs to one server. gunicorn's master empties it at the start, and adds up the files of processes
that have ended, so that restarts of workers do not fill the disk.
"""

import logging
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tokenwheel import worker_figures
from tokenwheel.environment import make_folder

logger = logging.getLogger(__name__)

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when it is imported
KINDS = ("counter", "histogram")
ENDED = "ended"  # in the names of files, in place of a process id
FILE_BYTES = 1024 * 1024  # for some 5,000 values
LOCK_TIMEOUT_S = 5.0  # far longer than a scrape takes
IN_FILE_NAMES = re.compile(r"[^\w.-]+")


def create_folder(data_dir: Path, addresses: Sequence[str]) -> Path:
    """Make or empty the folder of the server on these addresses, and turn the multiprocess mode on.
    Call in the master, before it starts a worker. Raises `SettingError`."""
    name = IN_FILE_NAMES.sub("_", ",".join(addresses))
    path = data_dir / "metrics" / name[-200:]
    shutil.rmtree(path, ignore_errors=True)
    make_folder(path, "TOKENWHEEL_DATA_DIR")
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
    if path is None or not hasattr(os, "posix_fallocate"):
        return
    try:
        for kind in KINDS:
            with values_file(path, kind, pid).open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, FILE_BYTES)
    except OSError as error:
        logger.warning("No disk space could be reserved for metrics: %s", error.strerror)


def retire_process(pid: int) -> None:
    """Add what a process has counted to the sums of those that have ended, and remove its files.
    Its files stay and count on if that fails. Call in the master when a worker has ended."""
    path = current_folder()
    if path is None:
        return
    try:
        with locked(path):
            for kind in KINDS:
                move_values(values_file(path, kind, pid), values_file(path, kind, ENDED))
            worker_figures.retire(path, pid)
        mark_as_dead(path, pid)
    except (OSError, ValueError, RuntimeError, Timeout) as error:
        logger.warning("The metrics of an ended worker could not be added up: %r", error)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Exclude readers while files are added up. Its process's end releases it; raises `Timeout`."""
    with FileLock(path / "lock", timeout=LOCK_TIMEOUT_S):
        yield


def values_file(path: Path, kind: str, process: int | str) -> Path:
    return path / f"{kind}_{process}.db"  # as prometheus_client names them


def move_values(source: Path, target: Path) -> None:
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415 - reads VARIABLE

    if not source.exists():
        return
    sums = MmapedDict(str(target))
    try:
        for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(source)):
            sums.write_value(key, sums.read_value(key)[0] + value, timestamp)
    finally:
        sums.close()
    source.unlink()


def mark_as_dead(path: Path, pid: int) -> None:
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - reads VARIABLE

    mark_process_dead(pid, str(path))
