"""`pip install` of the built package, and its command `tokenwheel`, under both servers."""

import re
import signal

import pytest
from django.conf import settings

from tests.e2e.installed import InstalledServer, build_wheel, install, names_in
from tests.thorough import variants
from wheel.installation import VERSION

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory):
    return build_wheel(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def tokenwheel(wheel_file, tmp_path_factory):
    return install(wheel_file, tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One for both servers: static files are collected once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module", params=["gunicorn", "waitress"])
def server(request, tokenwheel, home):
    server = InstalledServer(tokenwheel, home, request.param)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def idle(tokenwheel, home):
    """A server that is not started, to run commands."""
    return InstalledServer(tokenwheel, home, "gunicorn")


def test_the_package_holds_the_application_in_one_folder_and_nothing_else(wheel_file):
    names = names_in(wheel_file)
    roots = {name.partition("/")[0] for name in names}
    assert roots == {"tokenwheel_app", f"tokenwheel-{VERSION}.dist-info"}
    below = {name.split("/")[1] for name in names if name.startswith("tokenwheel_app/")}
    code = {"__init__.py", "gunicorn.conf.py", "tokenwheel", "wheel"}
    assert below == code | {"templates", "static"}


def test_the_package_holds_compiled_catalogs_and_not_their_sources(wheel_file):
    catalogs = {name for name in names_in(wheel_file) if "/locale/" in name and "." in name}
    languages = [code for code, _ in settings.LANGUAGES if code != "en"]
    folder = "tokenwheel_app/wheel/locale"
    assert catalogs == {f"{folder}/{code}/LC_MESSAGES/django.mo" for code in languages}


def test_the_package_requires_what_the_requirements_name(wheel_file, tokenwheel):
    (metadata,) = tokenwheel.parent.parent.glob(f"lib/*/*/tokenwheel-{VERSION}.dist-info/METADATA")
    required = re.findall(r"^Requires-Dist: ([\w.-]+)", metadata.read_text(), re.M)
    assert {"django", "torch", "gunicorn", "waitress"} <= set(required)
    assert "pytest" not in required


@pytest.mark.parametrize("path", ["/", "/join", "/api/docs", "/admin/login/"])
def test_a_page_and_its_static_files_are_served(server, path):
    page = server.get(path)
    assert page.status_code == 200
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert len(files) >= 4
    assert {server.get(file).status_code for file in files} == {200}


def test_a_wheel_is_spun_shown_and_exported(server):
    session_id = server.post("/api/sessions").json()["session_id"]
    server.post(f"/api/sessions/{session_id}/set-prompt", {"prompt": "The capital of France is"})
    spin = server.post(f"/api/sessions/{session_id}/spin", {"u": 0.1}).json()
    assert spin["appended_token"]["token_text"] == " Paris"
    for path in ("", "/export.csv", "/export.json"):
        assert "Paris" in server.get(f"/wheel/{session_id}{path}").text
    assert server.get(f"/wheel/{session_id}/wheel.svg").text.startswith("<svg")


def test_an_unavailable_model_is_explained_with_the_installed_command(server):
    models = {model["id"]: model for model in server.get("/api/models").json()["models"]}
    assert models["gpt2-medium"]["detail"].endswith("run: tokenwheel download_models gpt2-medium")


def test_data_are_in_the_user_s_folder(server, home):
    data_dir = home / ".local" / "share" / "tokenwheel"
    assert {"db.sqlite3", "secret_key", "static"} <= {path.name for path in data_dir.iterdir()}


@pytest.mark.parametrize(
    ("name", "number"),
    variants(
        [("waitress", signal.SIGINT)],
        [
            ("gunicorn", signal.SIGTERM),
            ("gunicorn", signal.SIGINT),
            ("waitress", signal.SIGTERM),
        ],
    ),
)
def test_the_server_ends_cleanly_at_a_signal(tokenwheel, home, name, number):
    server = InstalledServer(tokenwheel, home, name)
    try:
        server.start()
        server.send_signal(number)
        assert server.wait() == 0
    finally:
        server.stop()
    assert "Shutting down" in server.log()  # the loading thread may still write a line after it
    assert "Traceback" not in server.log()


def test_the_version_is_that_of_the_package(idle):
    assert idle.run("--version").stdout == f"tokenwheel {VERSION}\n"


def test_the_settings_are_checked_by_a_command_of_django(idle):
    assert "System check identified no issues" in idle.run("check").stdout


def test_the_commands_of_a_checkout_only_are_missing(idle):
    result = idle.run("benchmark")
    assert "Unknown command: 'benchmark'" in result.stderr
    assert "Type 'tokenwheel help'" in result.stderr
    assert result.returncode == 1


def test_a_wrong_option_ends_with_one_sentence(idle):
    result = idle.run("--port", "0")
    assert result.stderr.startswith("PORT must be a whole number")
    assert result.stderr.count("\n") == 1
    assert result.returncode == 1
