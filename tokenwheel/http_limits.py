"""File descriptors: how many threads and connections they allow, and errors for lack of them."""

import errno
import select
from dataclasses import dataclass

try:
    import resource
except ImportError:
    HAS_LIMIT = False  # Windows
else:
    HAS_LIMIT = True

NUM_THREADS = 64
MAX_CONNECTIONS = 2000
MAX_SOCKETS_OF_SELECT = 480  # Windows has no poll(), and its select() takes 512 sockets
MAX_DESCRIPTORS = 8192  # enough for the above
OWN_DESCRIPTORS = 28  # of the process itself: its log, pipes, listening sockets, model files
DESCRIPTORS_PER_THREAD = 3  # a connection to the database: SQLite opens two files or three


@dataclass(frozen=True, slots=True)
class Limits:
    """Above nine tenths of `max_connections`, idle connections are closed."""

    num_threads: int = NUM_THREADS
    max_connections: int = MAX_CONNECTIONS
    max_header_bytes: int = 32 * 1024
    # The application refuses bodies above WHEEL_MAX_BODY_BYTES, with an error in its own format.
    max_body_bytes: int = 1024 * 1024

    @property
    def evict_above(self) -> int:
        return self.max_connections * 9 // 10

    @property
    def evict_to(self) -> int:
        return self.max_connections * 8 // 10


def limits_of_this_process() -> Limits:
    """Raises the soft limit on file descriptors as far as the system allows."""
    return affordable_limits(raise_descriptor_limit())


def affordable_limits(num_descriptors: int) -> Limits:
    """A third of the file descriptors, at most, is for the threads. At least 4 threads and 8
    connections are allowed, however few descriptors there are."""
    free = num_descriptors - OWN_DESCRIPTORS
    num_threads = max(4, min(NUM_THREADS, free // 3 // DESCRIPTORS_PER_THREAD))
    most = MAX_CONNECTIONS if hasattr(select, "poll") else MAX_SOCKETS_OF_SELECT
    return Limits(
        num_threads=num_threads,
        max_connections=max(8, min(most, free - num_threads * DESCRIPTORS_PER_THREAD)),
    )


def raise_descriptor_limit() -> int:
    """Returns the limit now in force."""
    if not HAS_LIMIT:
        return MAX_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(MAX_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MAX_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


def is_for_lack_of_descriptors(error: BaseException | None) -> bool:
    """Whether an exception, or one that led to it, says that no file descriptor was left."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False
