"""Security headers of every kind of response."""

import runpy
import secrets
import sys
from pathlib import Path

import pytest
from django.test import Client

from tests.content_security_policy import STRICT
from tests.processes import run

PROJECT = Path(__file__).resolve().parent.parent
HOST = "wheel.school.example"
ANSWERS = {
    "a page": ("/", 200),
    "a page for teachers": ("/admin/login/", 200),
    "the API": ("/api/models", 200),
    "a probe": ("/health", 200),
    "a session that is gone": ("/wheel/3b241101-e2bb-4255-8caf-4136c566a962", 404),
    "an unknown path": ("/nothing", 404),
    "an unknown path of the API": ("/api/nothing", 404),
    "a file": ("/static/css/base.css", 200),
    "a redirect": ("/admin/", 302),
    "a refused method": ("/api/models?method=PUT", 405),
}
DEVICES = ("camera", "geolocation", "microphone", "midi", "payment", "serial", "usb")
every_answer = pytest.mark.parametrize(
    ("path", "status"), ANSWERS.values(), ids=[name.replace(" ", "-") for name in ANSWERS]
)


@pytest.fixture
def environment(tmp_path):
    return {
        "TOKENWHEEL_ENV": "production",
        "TOKENWHEEL_DATA_DIR": str(tmp_path),
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": HOST,
        "TRUSTED_PROXIES": "127.0.0.1",
    }


@pytest.fixture
def school(wheel_runtime, db, settings, monkeypatch, environment):
    """A client of a production server, behind its proxy that ends HTTPS."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    production = runpy.run_path(str(PROJECT / "tokenwheel" / "settings.py"))
    for name in production:
        if name.startswith(
            ("SECURE_", "SESSION_COOKIE", "CSRF_COOKIE", "X_FRAME", "TRUSTED", "AL")
        ):
            setattr(settings, name, production[name])
    return Client(headers={"Host": HOST, "X-Forwarded-Proto": "https"})


def ask(client, path):
    method = client.put if "method=PUT" in path else client.get
    return method(path)


@every_answer
def test_every_response_forbids_sniffing_framing_and_foreign_referrers(school, path, status):
    answer = ask(school, path)
    assert answer.status_code == status
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert path.startswith("/static") or answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Permissions-Policy"] == ", ".join(f"{device}=()" for device in DEVICES)
    assert set(answer["Content-Security-Policy"].split("; ")) == STRICT


@every_answer
def test_every_response_tells_browsers_to_use_https_only(school, path, status):
    assert ask(school, path)["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/", "/api/models", "/admin/", "/static/css/base.css"])
def test_a_request_without_https_is_redirected(school, path):
    answer = school.get(path, headers={"X-Forwarded-Proto": "http"})
    assert answer.status_code == 301
    assert answer["Location"] == f"https://{HOST}{path}"


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_a_probe_on_the_machine_needs_no_https(school, path, engine):
    engine.start()
    answer = school.get(path, headers={"X-Forwarded-Proto": "http", "Host": "127.0.0.1"})
    assert answer.status_code == 200


def test_a_peer_that_is_not_trusted_cannot_claim_https(school):
    answer = school.get("/", REMOTE_ADDR="192.0.2.1")
    assert answer.status_code == 301


def test_a_request_for_another_host_is_refused(school):
    assert school.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_every_cookie_is_secure_httponly_and_samesite(school, admin_user):
    school.get("/")
    school.post("/", {"prompt": "The cat"})
    school.get("/admin/login/")
    school.post("/admin/login/", {"username": "admin", "password": "password"})
    assert {"csrftoken", "sessionid", "last_wheels"} <= set(school.cookies)
    for cookie in school.cookies.values():
        assert cookie["secure"], cookie.key
        assert cookie["samesite"] in ("Lax", "Strict"), cookie.key
        assert cookie["httponly"], cookie.key


def test_django_s_own_check_of_a_deployment_finds_nothing(environment, settings):
    check = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    models = {"TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE)}
    run(check, environment | models).check_returncode()
