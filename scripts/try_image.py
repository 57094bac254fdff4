"""Second step of try-image.sh: starts the image's command in its root folder, and uses the server.

Uses the standard library only, since the host has no packages installed.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

START_TIMEOUT_S = 60
PROMPT = "The capital of France is"


class TriedImage:
    def __init__(self, root: Path) -> None:
        config = json.loads((root / "image-config.json").read_text())
        self.root = root
        self.user = config["User"]
        self.command = config["Cmd"]
        self.folder = config["WorkingDir"]
        self.variables = dict(pair.split("=", 1) for pair in config["Env"])
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Return the seconds until the server was ready."""
        started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - the image's command
            self.command_line(), env=self.variables, start_new_session=True
        )
        while not self.is_ready():
            assert self.process.poll() is None, "it has ended"
            assert time.monotonic() - started < START_TIMEOUT_S, "it did not get ready"
            time.sleep(0.2)  # frequent requests would slow the start down
        return time.monotonic() - started

    def command_line(self, command: list[str] | None = None) -> list[str]:
        """The image's command, or another, under its root, as its user, in its folder."""
        return [
            *("chroot", f"--userspec={self.user}:{self.user}", str(self.root)),
            *("/bin/sh", "-c", f'cd "{self.folder}" && exec "$@"', "sh"),
            *(command or self.command),
        ]

    def is_ready(self) -> bool:
        try:
            return bool(self.get("/ready") == {"status": "ready"})
        except (urllib.error.URLError, ConnectionError):
            return False

    def get(self, path: str) -> Any:
        return self.request(path, None)

    def request(self, path: str, body: dict[str, Any] | None) -> Any:
        message = urllib.request.Request(
            f"http://127.0.0.1:{self.variables['PORT']}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(message, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def user_ids(self) -> set[int]:
        """The users of all processes that were started."""
        assert self.process is not None
        group = os.getpgid(self.process.pid)
        found = set()
        for status in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(status.name)) == group:
                    found.add(status.stat().st_uid)
            except (ProcessLookupError, FileNotFoundError):
                continue
        return found

    def health_check(self) -> int:
        """The exit code of the image's health check."""
        check = self.command_line(["python3", "scripts/is_ready.py"])
        return subprocess.run(check, env=self.variables, check=False).returncode  # noqa: S603

    def stop(self) -> tuple[float, int]:
        """Return the seconds that it took, and the exit code."""
        assert self.process is not None
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        return time.monotonic() - started, code


def print_wheel(image: TriedImage) -> None:
    session_id = image.request("/api/sessions", {})["session_id"]
    url = f"/api/sessions/{session_id}"
    image.request(f"{url}/set-prompt", {"prompt": PROMPT})
    wheel = image.get(f"{url}/next-token-probs?threshold=0.02")
    tokens = [
        f"{token['token_text']!r} {token['probability']:.3f}"
        for token in wheel["above_threshold_tokens"]
    ]
    print(f"the wheel after {PROMPT!r}: {', '.join(tokens)}")
    token = image.request(f"{url}/spin", {})["appended_token"]
    print(f"a spin: {token['token_text']!r}")


def main() -> None:
    image = TriedImage(Path(sys.argv[1]))
    key = image.root / "data" / "secret_key"
    print(f"first start, ready after {image.start():.1f} s")
    print(f"user ids of its processes: {sorted(image.user_ids())}")
    print(f"health: {image.get('/health')}")
    print(f"health check of the image: exit code {image.health_check()}")
    print_wheel(image)
    first_key = key.read_text()
    print("stopped in {:.1f} s with exit code {}".format(*image.stop()))
    print(f"health check once it is stopped: exit code {image.health_check()}")
    print(f"second start, ready after {image.start():.1f} s")
    print(f"the secret key was kept: {key.read_text() == first_key}")
    print("stopped in {:.1f} s with exit code {}".format(*image.stop()))


if __name__ == "__main__":
    main()
