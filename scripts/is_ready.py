"""Exit with status 0 if the server on this machine is ready: the image's health check.

Uses the standard library only, so that a check is fast.
"""

import os
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

TIMEOUT_S = 4
MAX_PORT = 65535


def accepted_host(allowed_hosts: str) -> str:
    """A host name that the server accepts: it refuses requests under any other name."""
    name = allowed_hosts.partition(",")[0].strip().removeprefix(".")
    return "127.0.0.1" if name in ("", "*") else name


def is_ready(port: int, host: str = "127.0.0.1") -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/ready", headers={"Host": host})
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main() -> None:
    port = os.environ.get("PORT", "8000")
    if not port.isdecimal() or not 1 <= int(port) <= MAX_PORT:
        sys.exit(f"PORT must be a whole number from 1 to {MAX_PORT}, not {port!r}.")
    host = accepted_host(os.environ.get("ALLOWED_HOSTS", ""))
    sys.exit(0 if is_ready(int(port), host) else 1)


if __name__ == "__main__":
    main()
