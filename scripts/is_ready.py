"""Exit with status 0 if the server on this machine is ready: the image's health check.

Uses the standard library only, so that a check is fast.
"""

import os
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

TIMEOUT_S = 4
MAX_PORT = 65535
LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - of all addresses


def is_ready(port: int, host: str = "127.0.0.1") -> bool:
    """The probe needs no prefix of `URL_PREFIX`, and no allowed name in its Host header."""
    host = host.removeprefix("[").removesuffix("]")
    connection = HTTPConnection(LOOPBACK.get(host, host), port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main() -> None:
    port = os.environ.get("PORT", "8000")
    if not port.isdecimal() or not 1 <= int(port) <= MAX_PORT:
        sys.exit(f"PORT must be a whole number from 1 to {MAX_PORT}, not {port!r}.")
    sys.exit(0 if is_ready(int(port), os.environ.get("HOST", "127.0.0.1")) else 1)


if __name__ == "__main__":
    main()
