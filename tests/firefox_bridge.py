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
from typing import IO

from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

# Media features are Firefox's defaults, whatever Playwright asks for.
UNKNOWN_COMMANDS = {"emulation.setMediaFeaturesOverride"}
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
            if command["method"] in UNKNOWN_COMMANDS:
                client.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
            else:
                browser.send(message)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
