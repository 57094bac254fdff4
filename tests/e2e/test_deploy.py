"""A school's server as described in docs/deploy: nginx terminates TLS, gunicorn serves."""

import json
import os
import re
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests

from tests.e2e.nginx import DEPLOY, HOST, example, running_nginx
from tests.e2e.server import Server, WaitressServer
from tests.thorough import variants
from tests.waiting import HANGING_S, wait_until
from tokenwheel.http_server import GRACE_S

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).resolve().parents[2]


def environment(name="tokenwheel.env.example"):
    """The settings of the example, with a secret key filled in."""
    lines = [line for line in (DEPLOY / name).read_text().splitlines() if "=" in line]
    given = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert (
        given.pop("SECRET_KEY") == ""
    )  # the example must not contain a key that servers could share
    del given["TOKENWHEEL_DATA_DIR"]
    return given | {"SECRET_KEY": secrets.token_urlsafe(64)}


@pytest.fixture(scope="module")
def server(prepared_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    server = Server(folder, prepared_folder.static_dir, **environment(), WHEEL_METRICS="true")
    server.prepare()
    try:
        server.start()
        yield server
    finally:
        server.stop()


class Browser(requests.Session):
    """Sends requests for the school's name to nginx on this machine, and keeps the cookies."""

    def __init__(self, http, https, folder):
        super().__init__()
        self.log = folder / "tokenwheel.log"
        self.ports = {"http": http, "https": https}
        self.verify = str(folder / "fullchain.pem")
        self.trust_env = False  # the environment may name other certificates
        self.headers["Host"] = HOST

    def ask(self, method, path, scheme="https", **options):
        url = f"{scheme}://localhost:{self.ports[scheme]}{path}"
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
        headers = {"Cookie": cookies} | options.pop("headers", {})
        return self.request(
            method, url, headers=headers, allow_redirects=False, timeout=HANGING_S, **options
        )


@pytest.fixture(scope="module")
def browser(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    with running_nginx(folder, example(), server.port) as (http, https):
        browser = Browser(http, https, folder)
        wait_until(lambda: answers(browser))
        yield browser


def answers(browser):
    try:
        return browser.ask("GET", "/health").ok
    except requests.ConnectionError:
        return False


def test_a_request_without_https_is_redirected_to_https(browser):
    answer = browser.ask("GET", "/join", scheme="http")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{HOST}/join")


def test_a_wheel_is_started_and_spun_over_https(browser):
    page = browser.ask("GET", "/")
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Secure" in page.headers["Set-Cookie"]
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[0]
    start = browser.ask(
        "POST",
        "/",
        data={"csrfmiddlewaretoken": token, "prompt": "The capital of France is"},
        headers={"Origin": f"https://{HOST}", "Referer": f"https://{HOST}/"},
    )
    assert start.status_code == 302
    path = start.headers["Location"]
    assert "Paris" in browser.ask("GET", path).text
    session_id = path.rpartition("/")[2]
    spin = browser.ask("POST", f"/api/sessions/{session_id}/spin", json={"u": 0.1})
    assert spin.json()["appended_token"]["token_text"] == " Paris"
    assert session_id not in browser.log.read_text()


def test_a_form_of_a_page_on_another_port_than_443_is_accepted(browser):
    port = browser.ports["https"]
    page = browser.ask("GET", "/", headers={"Host": f"{HOST}:{port}"})
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[0]
    origin = f"https://{HOST}:{port}"
    start = browser.ask(
        "POST",
        "/",
        data={"csrfmiddlewaretoken": token, "prompt": "The"},
        headers={"Host": f"{HOST}:{port}", "Origin": origin, "Referer": f"{origin}/"},
    )
    assert start.status_code == 302


@pytest.mark.parametrize("host", ["10.1.2.3", "lb.internal:8080", "a b"])
def test_a_load_balancer_may_ask_for_probes_by_address(server, host):
    for path in ("/health", "/ready", "/metrics"):
        answer = requests.get(server.url + path, headers={"Host": host}, timeout=HANGING_S)
        assert answer.status_code == 200
        assert host not in answer.text
    answer = requests.get(server.url + "/", headers={"Host": host}, timeout=HANGING_S)
    assert answer.status_code in (301, 400)


def test_a_form_sent_from_another_site_is_refused(browser):
    answer = browser.ask(
        "POST", "/", data={"prompt": "The"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


def test_a_body_that_is_too_large_is_refused_with_an_error_of_the_api(browser):
    answer = browser.ask("POST", "/api/sessions", json={"model_name": "x" * 70_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_metrics_are_answered_on_the_machine_itself_and_not_through_nginx(browser, server):
    assert browser.ask("GET", "/metrics").status_code == 403
    assert server.get("/metrics").status_code == 200


def test_the_request_id_of_nginx_is_in_the_log_of_the_server(browser, server):
    request_id = browser.ask("GET", "/api/models").headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", request_id)
    assert f"[{request_id}]" in server.log()


@contextmanager
def request_under_way(server, path):
    """A POST whose headers have arrived and whose body has not; gives a function that sends it and
    returns the answer."""
    body = b'{"u": 0.1}'
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=HANGING_S)) as connection:
        connection.putrequest("POST", path)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        # gunicorn asks for the body in the thread that answers the request.
        assert connection.sock.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"

        def finish():
            connection.send(body)
            return connection.getresponse()

        yield finish


def assert_ended_cleanly(server):
    assert server.wait() == 0
    assert "SIGABRT" not in server.log()  # a thread was ended in the middle of torch
    assert "terminate called" not in server.log()


def test_a_request_under_way_is_answered_before_the_server_ends(prepared_folder, tmp_path):
    with prepared_folder.running_server(tmp_path) as server:
        session_id = server.post("/api/sessions").json()["session_id"]
        url = f"/api/sessions/{session_id}"
        server.post(f"{url}/set-prompt", {"prompt": "a " * 400})
        with request_under_way(server, f"{url}/spin") as finish:
            server.terminate()
            wait_until(lambda: "Handling signal: term" in server.log())
            answer = finish()
            assert answer.status == 200
            assert json.load(answer)["appended_token"]
        assert_ended_cleanly(server)


def num_tokens_computed(server):
    (line,) = re.findall(
        r'^tokenwheel_tokens_total{source="computed"} (\S+)', server.get("/metrics").text, re.M
    )
    return float(line)


@pytest.mark.parametrize("server_class", variants([Server], [WaitressServer]))
def test_a_prompt_that_the_model_is_reading_is_answered_before_the_server_ends(
    prepared_folder, tmp_path, server_class
):
    """The signal arrives between two chunks of one prompt, in the middle of the model's work."""
    with prepared_folder.running_server(tmp_path, server_class, WHEEL_METRICS="true") as server:
        session_id = server.post("/api/sessions").json()["session_id"]
        url = f"/api/sessions/{session_id}"
        computed_before = num_tokens_computed(server)
        server.post(f"{url}/set-prompt", {"prompt": "a " * 600})
        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(server.get, f"{url}/next-token-probs")
            wait_until(lambda: num_tokens_computed(server) > computed_before)
            assert not asking.done()
            server.terminate()
            assert asking.result().status_code == 200
        assert_ended_cleanly(server)


@pytest.mark.parametrize("server_class", variants([Server], [WaitressServer]))
def test_a_server_that_has_only_just_got_ready_ends_cleanly(
    prepared_folder, tmp_path, server_class
):
    with prepared_folder.running_server(tmp_path, server_class) as server:
        server.terminate()  # its first forward pass is still to come
        assert_ended_cleanly(server)


def test_gunicorn_reads_the_settings_of_its_file():
    run = subprocess.run(
        [Path(sys.executable).with_name("gunicorn"), "--check-config", "--print-config"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    config = dict(re.findall(r"^(\w+)\s+= (.*)$", run.stdout, re.MULTILINE))
    assert config["workers"] == "1"
    assert config["worker_class"] == "tokenwheel.gunicorn_worker.HTTPServerWorker"
    assert config["preload_app"] == "False"
    assert config["control_socket_disable"] == "True"
    assert config["max_requests"] == "0"
    assert GRACE_S < int(config["graceful_timeout"]) < 40  # systemd's TimeoutStopSec


def test_the_systemd_unit_agrees_with_the_example_of_its_settings():
    lines = (DEPLOY / "tokenwheel.service").read_text().splitlines()
    service = dict(line.split("=", 1) for line in lines if "=" in line)
    assert service["ExecStart"].endswith("/.venv/bin/gunicorn")
    assert service["NoNewPrivileges"] == "yes"
    assert environment()["ALLOWED_HOSTS"] == HOST
    given = (DEPLOY / "tokenwheel.env.example").read_text()
    assert f"TOKENWHEEL_DATA_DIR=/var/lib/{service['StateDirectory']}" in given
