#!/usr/bin/env python3
"""Audit of the installed packages: known vulnerabilities, by pip-audit.

    python scripts/audit.py

Ends with status 1 if a package has a known vulnerability. Where the service cannot be asked, such
as without a network, it says so and ends with status 0. pip-audit alone calls that an error, or,
behind a package mirror that answers "not found" to everything, no vulnerability.
"""

import json
import re
import subprocess
import sys
from typing import Any

COMMAND = [
    sys.executable, "-m", "pip_audit", "--local", "--format", "json", "--progress-spinner", "off",
]  # fmt: skip
NO_ANSWER = re.compile(
    r"requests\.exceptions\.|ServiceError|ConnectionError|[Cc]ould not connect|network may be"
)


def main() -> int:
    result = subprocess.run(COMMAND, capture_output=True, text=True, check=False)  # noqa: S603
    status, report = judge(result.stdout, result.stderr)
    print(report)
    return status


def judge(stdout: str, stderr: str) -> tuple[int, str]:
    """The status and the report for what pip-audit has printed."""
    try:
        packages = json.loads(stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return judge_failure(stderr)
    audited = [package for package in packages if "skip_reason" not in package]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    lines = [line for package in audited for line in vulnerability_lines(package)]
    if lines:
        return 1, "\n".join([*lines, f"{len(lines)} known vulnerabilities."])
    if not audited:
        return 0, not_audited("it knows none of the installed packages, as a mirror would answer")
    rest = f" It does not know: {', '.join(skipped)}." if skipped else ""
    return 0, f"{len(audited)} packages have no known vulnerability.{rest}"


def judge_failure(stderr: str) -> tuple[int, str]:
    last_line = (stderr.strip().splitlines() or ["no message"])[-1]
    if NO_ANSWER.search(stderr):
        return 0, not_audited(last_line)
    return 1, f"pip-audit failed: {last_line}"


def not_audited(reason: str) -> str:
    return f"NOT AUDITED. The service for vulnerabilities could not be asked: {reason}"


def vulnerability_lines(package: dict[str, Any]) -> list[str]:
    """One line for each vulnerability."""
    return [
        f"{package['name']} {package['version']}: {vulnerability['id']}, "
        f"fixed in {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for vulnerability in package.get("vulns", [])
    ]


if __name__ == "__main__":
    sys.exit(main())
