"""Starts the engine process, watches it, and starts it again when it has died.

The server's first process does this: gunicorn's master, or the one process of waitress. It owns the
listening socket, so that requests wait in its queue while an engine process is replaced by another.
"""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from tokenwheel.engine_process.options import LIFELINE_FD, LISTENER_FD, Options
from tokenwheel.environment import SettingError, make_folder
from wheel.installation import FOLDER
from wheel.remote_engine import local_socket

BACKLOG = 1024
FIRST_PAUSE_S, MAX_PAUSE_S = 0.1, 30.0
STEADY_S = 60.0  # a process that has lived for so long is started again without a long pause
STOP_S = 5.0


class EngineProcess:
    """The process of a server that listens at this path. `log` gets a line for each death."""

    def __init__(
        self,
        options: Options,
        path: Path,
        log: logging.Logger,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._path = path
        self._log = log
        self._clock = clock
        self._pause_s = FIRST_PAUSE_S
        self._started_at = 0.0
        self._pid = 0
        self._is_stopping = threading.Event()
        self._lock = threading.Lock()  # held to start a process, and to begin stopping
        self._thread = threading.Thread(target=self._watch, name="engine-process", daemon=True)

    def start(self) -> None:
        """The process is started before this returns. Raises `SettingError`."""
        self._listener = listen(self._path)
        # Processes that are forked from this one keep the second end open, too.
        self._lifeline, self._held_lifeline = os.pipe()
        self._spawn()
        self._thread.start()

    def stop(self) -> None:
        """Call when no web process needs the engine any more. Requests under way are answered; a
        process that takes too long is killed, since it keeps nothing that matters."""
        with self._lock:
            self._is_stopping.set()
            os.close(self._held_lifeline)
        self._thread.join(STOP_S)
        if self._thread.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._thread.join()
        os.close(self._lifeline)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _watch(self) -> None:
        while not self._is_stopping.is_set():
            how = wait_for_end(self._pid)
            if self._is_stopping.is_set():
                return
            pause_s = self._next_pause_s()
            self._log.error("The engine process ended (%s). Next start in %.1f s.", how, pause_s)
            self._is_stopping.wait(pause_s)
            with self._lock:
                if not self._is_stopping.is_set():
                    self._spawn()

    def _next_pause_s(self) -> float:
        """Twice as long each time, unless the process has lived long."""
        if self._clock() - self._started_at > STEADY_S:
            self._pause_s = FIRST_PAUSE_S
        pause_s, self._pause_s = self._pause_s, min(MAX_PAUSE_S, 2 * self._pause_s)
        return pause_s

    def _spawn(self) -> None:
        """Not by `subprocess`: it waits for the end of a pipe that a worker which gunicorn forks at
        the same moment would keep open."""
        arguments = [sys.executable, "-P", "-m", "tokenwheel.engine_process"]
        self._pid = os.posix_spawn(
            sys.executable,
            [*arguments, self._options.encode()],
            os.environ | {"PYTHONPATH": python_path()},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, self._lifeline, LIFELINE_FD),
                (os.POSIX_SPAWN_DUP2, self._listener.fileno(), LISTENER_FD),
            ],
        )
        self._started_at = self._clock()


def python_path() -> str:
    return os.pathsep.join(filter(None, [str(FOLDER), os.environ.get("PYTHONPATH")]))


def wait_for_end(pid: int) -> str:
    """How the process ended, if that is known: gunicorn's master collects all of its children."""
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:
        return "status unknown"
    code = os.waitstatus_to_exitcode(status)
    return f"status {code}" if code >= 0 else f"signal {-code}"


def listen(path: Path) -> socket.socket:
    """A listening Unix socket in a folder that only its owner may enter."""
    make_folder(path.parent, "TOKENWHEEL_DATA_DIR")
    try:
        path.parent.chmod(0o700)
        remove_stale_sockets(path.parent)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
    except OSError as error:
        problem = f"must allow a Unix socket at {path}: {error}"
        raise SettingError("TOKENWHEEL_DATA_DIR", problem) from None
    listener.listen(BACKLOG)
    return listener


def remove_stale_sockets(folder: Path) -> None:
    """Those of servers that were killed: no process listens there."""
    for path in folder.glob("engine-*.sock"):
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.settimeout(0)  # a full queue is no sign of death
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
            except OSError:
                continue


_process: EngineProcess | None = None


def start(settings: Any, log: logging.Logger) -> None:
    """Start the server's engine process if the settings want one. Web processes that are forked
    later, and this one, then use it. Raises `SettingError`."""
    global _process  # noqa: PLW0603 - one per server
    if not settings.WHEEL_ENGINE_PROCESS:
        return
    path = settings.DATA_DIR / "run" / f"engine-{secrets.token_hex(4)}.sock"
    _process = EngineProcess(Options.of(settings), path, log)
    _process.start()
    local_socket.set_path(path)


def stop() -> None:
    """Call in the process that has started it."""
    if _process is not None:
        _process.stop()
