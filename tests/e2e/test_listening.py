"""The addresses on which a real server listens, and the URL that it prints."""

import re
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests

from scripts.is_ready import is_ready
from tests.e2e.server import Server
from tests.waiting import HANGING_S

pytestmark = pytest.mark.slow


def status(address, port, path="/"):
    connection = HTTPConnection(address, port, timeout=HANGING_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def printed_url(server):
    (url,) = re.findall(r"Token Wheel is at (\S+)", server.log())
    return url


def is_dual_stack():
    return Path("/proc/sys/net/ipv6/bindv6only").read_text().strip() == "0"


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_a_server_listens_on_ipv6_of_the_machine_itself(
    prepared_folder, remote_model, tmp_path, host
):
    with prepared_folder.running_server(tmp_path, HOST=host, **remote_model) as server:
        assert status("::1", server.port) == 200
        assert is_ready(server.port, host)
        with pytest.raises(ConnectionRefusedError):
            status("127.0.0.1", server.port)
        assert requests.get(printed_url(server), timeout=HANGING_S).status_code == 200


def test_a_server_listens_on_all_addresses_of_both_families(
    prepared_folder, remote_model, tmp_path
):
    environment = remote_model | {"HOST": "::", "URL_PREFIX": "/tw"}
    with prepared_folder.running_server(tmp_path, **environment) as server:
        assert status("::1", server.port) == 200
        if is_dual_stack():
            assert status("127.0.0.1", server.port) == 200
        assert is_ready(server.port, "::")
        assert printed_url(server) == f"http://[::1]:{server.port}/tw/"
        assert requests.get(printed_url(server), timeout=HANGING_S).status_code == 200


def test_the_printed_url_of_one_address_is_answered(prepared_folder, remote_model, tmp_path):
    with prepared_folder.running_server(tmp_path, HOST="127.0.0.2", **remote_model) as server:
        assert printed_url(server) == f"http://127.0.0.2:{server.port}/"
        assert requests.get(printed_url(server), timeout=HANGING_S).status_code == 200


class UnreadyServer(Server):
    """Has started when it answers at all."""

    def _is_ready(self):
        try:
            return self.get("/health").ok
        except requests.ConnectionError:
            return False


def test_an_unreachable_database_is_answered_and_logged_in_order(
    prepared_folder, remote_model, tmp_path
):
    """The log has a line, not a traceback, for each request that fails."""
    url = "postgres://127.0.0.1:1/x"
    server = UnreadyServer(tmp_path, prepared_folder.static_dir, DATABASE_URL=url, **remote_model)
    server.start()
    try:
        assert server.post("/api/sessions").status_code == 503
        assert server.get("/ready").status_code == 503
        assert server.get("/").status_code == 200
        assert "live sessions could not be counted: connection failed" in server.log()
        assert "Traceback" not in server.log()
    finally:
        server.stop()
