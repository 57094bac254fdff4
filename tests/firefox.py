"""Start of Debian's Firefox under Playwright, through the bridge."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserType

ROOT = Path(__file__).parent.parent

# Seconds; idle connections would keep threads of the test's server alive after the test.
PREFERENCES: dict[str, str | float | bool] = {"network.http.keep-alive.timeout": 1}


def launch(firefox: BrowserType, folder: Path) -> Browser:
    """`folder` gets the program that Playwright starts in Firefox's place."""
    program = folder / "firefox"
    program.write_text(
        f'#!/bin/sh\ncd "{ROOT}" && exec "{sys.executable}" -m tests.firefox_bridge "$@"\n'
    )
    program.chmod(0o755)
    return firefox.launch(
        channel="moz-firefox", executable_path=program, firefox_user_prefs=PREFERENCES
    )
