"""Debian's Chromium, headless, driven by Playwright: for benchmarks and browser tests."""

import shutil

from playwright.sync_api import Browser, BrowserType

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WHOLE = "chromium"
SHELL = "chromium-headless-shell"  # its engine alone, without windows, menus and settings


def launch(chromium: BrowserType, *arguments: str, program: str = WHOLE) -> Browser:
    """`arguments` are added to those of every browser."""
    return chromium.launch(executable_path=shutil.which(program), args=[*ARGUMENTS, *arguments])
