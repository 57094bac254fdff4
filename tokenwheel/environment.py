"""Readers of environment variables. A value that cannot be used raises `SettingError`."""

import os
import re
import secrets
import socket
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env
from filelock import FileLock
from limits import RateLimitItem
from limits import parse as parse_limit
from platformdirs import user_data_path

from wheel.installation import FOLDER, IS_CHECKOUT
from wheel.language_models.models_file import ModelsFileError, registry_of
from wheel.language_models.registry import ModelSpec

HOST_NAME = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:.]+\]", re.ASCII)
FRAMING_ORIGIN = re.compile(r"https?://(\*\.)?([\w.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?", re.ASCII)
MAX_PERIOD_S = 365 * 24 * 3600
PLAIN_HOST_NAME = re.compile(r"[\w-]+(\.[\w-]+)*")
PATH_SEGMENT = re.compile(r"(?!\.{1,2}$)[\w.~-]+", re.ASCII)
IN_ASCII = "separated by commas, international names in ASCII (xn--...)"  # as browsers send them

env = Env()


class SettingError(Exception):
    """An environment variable with a value that cannot be used. Its text is one sentence that
    begins with the name of the variable."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable} {problem}.")


@contextmanager
def exit_on_setting_error() -> Iterator[None]:
    """End the process with status 1 and one sentence on standard error, without a traceback."""
    try:
        yield
    except (SettingError, ImproperlyConfigured) as error:
        sys.exit(str(error))


@contextmanager
def expecting(variable: str, expected: str, *, is_secret: bool = False) -> Iterator[None]:
    """Raise a `SettingError` with the expected form if reading the variable fails. A value that
    may contain a password is not shown."""
    try:
        yield
    except (ValueError, OSError, RuntimeError):
        shown = "" if is_secret else f", not {os.environ.get(variable, '')!r}"
        raise SettingError(variable, f"must be {expected}{shown}") from None


def require(condition: bool, variable: str, problem: str) -> None:  # noqa: FBT001
    if not condition:
        raise SettingError(variable, problem)


def text(variable: str, default: str) -> str:
    return env.str(variable, default)


def names(variable: str) -> list[str]:
    """Texts that are separated by commas."""
    values: list[str] = env.list(variable, [])
    return values


def flag(variable: str, *, default: bool) -> bool:
    with expecting(variable, "true or false"):
        return env.bool(variable, default)


def whole_number(
    variable: str, default: int, *, at_least: int = 0, at_most: int | None = None
) -> int:
    limit = f"from {at_least} to {at_most}" if at_most is not None else f"of at least {at_least}"
    with expecting(variable, f"a whole number {limit}"):
        value = env.int(variable, default)
        if value < at_least or (at_most is not None and value > at_most):
            raise ValueError
        return value


def seconds(variable: str, default: float, *, at_most: int) -> float:
    with expecting(variable, f"a number of seconds above 0 and at most {at_most}"):
        value = env.float(variable, default)
        if not 0 < value <= at_most:
            raise ValueError
        return value


def one_of(variable: str, default: str, choices: Sequence[str]) -> str:
    with expecting(variable, f"one of {', '.join(filter(None, choices))}"):
        value = env.str(variable, default)
        if value not in choices:
            raise ValueError
        return value


def some_of(variable: str, choices: Sequence[str]) -> list[str]:
    """One or more of the choices, in the order given; all of them by default."""
    with expecting(variable, f"some of {', '.join(choices)}, separated by commas, each once"):
        values: list[str] = env.list(variable, list(choices))
        if not values or not set(values) <= set(choices) or len(set(values)) < len(values):
            raise ValueError
        return values


def log_level(variable: str, default: int) -> int:
    with expecting(variable, "a level of Python's logging, such as INFO"):
        return env.log_level(variable, default)


def rate_limit(variable: str, default: str) -> RateLimitItem | None:
    """A rate such as `200/10 seconds`, or None for an empty value."""
    with expecting(
        variable, "a rate such as '200/10 seconds' of a year at most, or empty for none"
    ):
        value = env.str(variable, default)
        limit = parse_limit(value) if value else None
        if limit is not None and not (limit.amount >= 1 and limit.get_expiry() <= MAX_PERIOD_S):
            raise ValueError
        return limit


def host_names(variable: str) -> list[str]:
    with expecting(variable, f"names of hosts without scheme and port, {IN_ASCII}"):
        hosts = names(variable)
        if not all(HOST_NAME.fullmatch(host) for host in hosts):
            raise ValueError
        return hosts


def origins(variable: str, *, may_be_any: bool = False) -> list[str]:
    """Origins such as `https://wheel.school.example`; where any origin may be allowed, also a
    single `*`."""
    with expecting(variable, f"origins such as https://wheel.example, {IN_ASCII}"):
        values = [value.lower() for value in names(variable)]  # as browsers send them
        if not all(map(is_origin, values)) and not (may_be_any and values == ["*"]):
            raise ValueError
        return values


def service_url(variable: str) -> str:
    """The URL of a service on the school's own network, without a path; empty if it is not set."""
    with expecting(variable, "a URL without a path, such as http://10.0.0.5:8100"):
        url = text(variable, "").rstrip("/")
        if url and not is_origin(url):
            raise ValueError
        return url


def frame_ancestors(variable: str) -> list[str]:
    """Origins for a content security policy, in which other characters have a meaning."""
    with expecting(variable, f"origins such as https://moodle.example, {IN_ASCII}"):
        values = origins(variable)
        if not all(FRAMING_ORIGIN.fullmatch(value) for value in values):
            raise ValueError
        return values


def default_data_dir() -> Path:
    """`var` in a checkout. The installed package, which may not be writable, keeps its data in the
    user's own folder for data of programs."""
    if IS_CHECKOUT:
        return FOLDER / "var"
    return user_data_path("tokenwheel", appauthor=False)


def is_origin(text: str) -> bool:
    """Whether it has a scheme of the web, a host in ASCII, and perhaps a port; `ValueError` for a
    port that cannot be one."""
    parts = urlsplit(text)
    is_site = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    is_sent = text.isascii() and "@" not in text
    return is_site and is_sent and text == f"{parts.scheme}://{parts.netloc}"


def url_prefix(variable: str, reserved: Collection[str]) -> str:
    """A path such as `/tw`, without a slash at its end; empty for none. Its first segment must not
    be one of the server's own, so that a path shows whether it begins with the prefix."""
    own = ", ".join(sorted(reserved))
    with expecting(variable, f"a path such as /tw that does not begin with one of {own}"):
        value = env.str(variable, "").removesuffix("/")
        start, *segments = value.split("/")
        if start or any(not PATH_SEGMENT.fullmatch(segment) for segment in segments):
            raise ValueError
        if segments and segments[0] in reserved:
            raise ValueError
        return value


def folder(variable: str, default: Path) -> Path:
    """A folder that exists or can be made."""
    with expecting(variable, "a folder"):
        path = Path(env.str(variable, "") or default).expanduser()
        existing = next(place for place in (path, *path.absolute().parents) if place.exists())
        if not existing.is_dir():
            raise ValueError
        return path


def optional_file(variable: str) -> Path | None:
    with expecting(variable, "a file"):
        value = text(variable, "")
        return Path(value).expanduser() if value else None


def models_of_file(path: Path | None, variable: str) -> dict[str, ModelSpec]:
    """The models that can be offered: the built-in ones, and those of the file if there is one."""
    try:
        return registry_of(path)
    except ModelsFileError as error:
        raise SettingError(
            variable, f"must be a file of models that can be used; of {path}, {error}"
        ) from None


def make_folder(path: Path, variable: str) -> None:
    """Make a folder that the server has to write to, if it does not exist yet."""
    with expecting(variable, "a folder that can be written"):
        path.mkdir(parents=True, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError


def has_local_sockets() -> bool:
    """Whether processes can be started with a Unix socket and talk over it. Not on Windows."""
    return hasattr(socket, "AF_UNIX") and hasattr(os, "posix_spawn")


def is_strong_key(key: str) -> bool:
    return len(key) >= 50 and len(set(key)) >= 5 and not key.startswith("django-insecure-")


def stored_secret_key(path: Path) -> str:
    """The key in this file, which only its owner may read. The first start creates it: under a lock
    and by a rename, so that two starts at once have one key, and that a start which was killed
    leaves no empty file."""
    if not (path.exists() and path.read_text()):
        with FileLock(f"{path}.lock"):
            if not (path.exists() and path.read_text()):
                write_secret_key(path)
    return path.read_text()


def write_secret_key(path: Path) -> None:
    with NamedTemporaryFile("w", dir=path.parent, prefix=".secret_key-", delete=False) as file:
        file.write(secrets.token_urlsafe(64))
    Path(file.name).replace(path)


def num_web_processes() -> int:
    return whole_number("WEB_PROCESSES", 1, at_least=1)


def listen_host() -> str:
    return without_brackets(text("HOST", "127.0.0.1"))


def listen_port() -> int:
    return whole_number("PORT", 8000, at_least=1, at_most=65535)


def listen_address() -> str:
    """`HOST` and `PORT`, in the form of gunicorn's `bind`."""
    host, port = listen_host(), listen_port()
    with expecting("HOST", "an address of this machine"):
        if host == "*":
            raise ValueError  # the C library may take it for localhost
        return f"{in_url(require_local_address(host) if host else host)}:{port}"


def require_local_address(host: str) -> str:
    """A name or IPv4 address as it is, a name with IPv6 addresses only as the first of these.
    Raises `OSError` for one on which this machine cannot listen."""
    family, address = resolve(host, 0)
    with socket.socket(family) as probe:
        probe.bind(address)
    return host if family == socket.AF_INET else str(address[0])


def resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    """The family and the socket's address: of IPv4 if the host has one, as in gunicorn. Raises
    `OSError` for a host that is unknown."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, *_, address = min(found, key=lambda info: info[0] != socket.AF_INET)
    return family, address


def without_brackets(host: str) -> str:
    """A host that may be written as in a URL: `::1` for `[::1]`."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def in_url(host: str) -> str:
    """A name or address in the form that URLs and Host headers have."""
    return f"[{host}]" if ":" in host else host


def addressed_hosts() -> list[str]:
    """The one name or address on which the server listens, in the form of a Host header; none if it
    listens on all of them."""
    host = listen_host()
    try:
        address = ip_address(host)
    except ValueError:
        return [host] if PLAIN_HOST_NAME.fullmatch(host) else []
    return [] if address.is_unspecified else [in_url(str(address))]
