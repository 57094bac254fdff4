"""`scripts/audit.py`: what it makes of pip-audit's answers, recorded from pip-audit 2.10."""

import json
import sys

import pytest

from scripts import audit
from scripts.audit import judge

SOUND = {"name": "django", "version": "6.0", "vulns": []}
UNKNOWN = {"name": "torch", "skip_reason": "Dependency not found on PyPI: torch (2.9.1+cpu)"}
VULNERABLE = {
    "name": "pyyaml",
    "version": "5.3",
    "vulns": [
        {"id": "PYSEC-2021-142", "fix_versions": ["5.4"], "aliases": [], "description": "…"},
        {"id": "PYSEC-2020-96", "fix_versions": [], "aliases": [], "description": "…"},
    ],
}
NO_NETWORK = """Traceback (most recent call last):
  File "requests/adapters.py", line 719, in send
requests.exceptions.ConnectionError: HTTPSConnectionPool(host='pypi.org', port=443): Max retries"""
SERVICE_DOWN = """Traceback (most recent call last):
requests.exceptions.HTTPError: 503 Server Error: Service Unavailable

The above exception was the direct cause of the following exception:

pip_audit._service.interface.ServiceError"""
TIMEOUT = """ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed
ERROR:pip_audit._cli:Tip: your network may be blocking this service."""


def answer(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


def test_packages_without_a_known_vulnerability_pass():
    assert judge(answer(SOUND), "") == (0, "1 packages have no known vulnerability.")


def test_a_known_vulnerability_fails_and_is_named_with_the_version_that_fixes_it():
    status, report = judge(answer(SOUND, VULNERABLE, UNKNOWN), "Found 2 known vulnerabilities")
    assert status == 1
    assert report.splitlines() == [
        "pyyaml 5.3: PYSEC-2021-142, fixed in 5.4",
        "pyyaml 5.3: PYSEC-2020-96, fixed in no version yet",
        "2 known vulnerabilities.",
    ]


def test_packages_that_the_service_does_not_know_are_named():
    status, report = judge(answer(SOUND, UNKNOWN), "")
    assert status == 0
    assert report.endswith("It does not know: torch.")


@pytest.mark.parametrize("stderr", [NO_NETWORK, SERVICE_DOWN, TIMEOUT])
def test_a_service_that_cannot_be_asked_passes_and_is_said_plainly(stderr):
    status, report = judge("", stderr)
    assert status == 0
    assert report.startswith("NOT AUDITED. The service for vulnerabilities could not be asked")


def test_a_mirror_that_knows_no_package_is_not_taken_for_a_clean_audit():
    status, report = judge(answer(UNKNOWN, UNKNOWN), "No known vulnerabilities found")
    assert (status, report.split(".")[0]) == (0, "NOT AUDITED")


@pytest.mark.parametrize("stdout", ["", "{}", "[]", "null", "no JSON"])
def test_any_other_failure_of_the_tool_fails(stdout):
    status, report = judge(stdout, "usage: pip-audit\npip-audit: error: unknown option")
    assert (status, report) == (1, "pip-audit failed: pip-audit: error: unknown option")


@pytest.mark.parametrize("packages", [[SOUND], [VULNERABLE]], ids=["sound", "vulnerable"])
def test_the_status_of_the_script_is_that_of_the_verdict(monkeypatch, capsys, packages):
    fake = [sys.executable, "-c", f"print({answer(*packages)!r})"]
    monkeypatch.setattr(audit, "COMMAND", fake)
    assert audit.main() == (1 if VULNERABLE in packages else 0)
    assert capsys.readouterr().out.endswith(".\n")
