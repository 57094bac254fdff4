"""Debian's Firefox for Playwright: a process that starts it, and relays WebDriver BiDi.

Playwright drives an unmodified Firefox over WebDriver BiDi, but sends one command that this release
does not know yet, and gives up at the error. The bridge answers it in Firefox's place. Playwright
starts `python -m tests.firefox_bridge` with Firefox's arguments, as if it were Firefox.
"""

import json
import re
import subprocess
import sys
import threading
from typing import IO, Any

from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

MEDIA_COMMAND = "emulation.setMediaFeaturesOverride"
DEFAULT_FEATURES = {"prefers-color-scheme": ("light", None)}  # of Playwright, and of this Firefox
ADDRESS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def main(arguments: list[str]) -> int:
    with subprocess.Popen(
        ["firefox-esr", *arguments], stderr=subprocess.PIPE, text=True
    ) as firefox:
        assert firefox.stderr is not None
        address = read_address(firefox.stderr)
        with serve(lambda client: relay(client, address), "127.0.0.1", 0, max_size=None) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            host, port = server.socket.getsockname()
            sys.stderr.write(f"WebDriver BiDi listening on ws://{host}:{port}\n")
            sys.stderr.writelines(firefox.stderr)
            return firefox.wait()


def read_address(lines: IO[str]) -> str:
    """The address that Firefox prints when it accepts connections."""
    for line in lines:
        if match := ADDRESS.search(line):
            return match[1]
    raise SystemExit("Firefox ended before it accepted connections.")


def relay(client: ServerConnection, address: str) -> None:
    """Relay messages in both directions until one side closes."""
    with connect(f"{address}/session", max_size=None) as browser:

        def send_back() -> None:
            for message in browser:
                client.send(message)
            client.close()

        threading.Thread(target=send_back, daemon=True).start()
        for message in client:
            command = json.loads(message)
            if command["method"] == MEDIA_COMMAND:
                client.send(json.dumps(answer_media(command)))
            else:
                browser.send(message)


def answer_media(command: dict[str, Any]) -> dict[str, Any]:
    """Success for the default features, which need no emulation; an error for all others."""
    for name, value in command["params"]["features"].items():
        if value not in DEFAULT_FEATURES.get(name, (None,)):
            message = f"This Firefox cannot emulate {name}: {value}."
            error = {"error": "unsupported operation", "message": message, "stacktrace": ""}
            return {"type": "error", "id": command["id"]} | error
    return {"type": "success", "id": command["id"], "result": {}}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
