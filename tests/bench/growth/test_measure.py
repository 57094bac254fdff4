"""The meter of service times, with a real Redis and a server whose CPU time is known."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.growth import measure
from tests.serving import serving


class MeteredServer(ThreadingHTTPServer):
    """Its metrics say that it has used `cpu_s`."""

    cpu_s = 1.0


class MeteredHandler(BaseHTTPRequestHandler):
    server: MeteredServer

    def do_GET(self):
        body = f"process_cpu_seconds_total {self.server.cpu_s}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = MeteredServer(("127.0.0.1", 0), MeteredHandler)
    with serving(server):
        yield server


def test_the_meter_counts_each_kind_of_request_alone(server, tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "IDLE_S", 0.1)

    def request(cpu_s, num_commands):
        server.cpu_s += cpu_s
        for _ in range(num_commands):
            store.get("value")

    with measure.running_redis(tmp_path) as store:
        url = f"http://127.0.0.1:{server.server_port}"
        meter = measure.Meter(url, store, range(25))
        click = meter.click(lambda _: request(0.01, 4), lambda _: request(0.03, 1))
    assert click.spin.cpu_s == pytest.approx(0.01)
    assert click.wheel.cpu_s == pytest.approx(0.03)
    assert click.spin.num_commands == pytest.approx(
        4, abs=0.1
    )  # one more command reads the figures
    assert click.wheel.num_commands == pytest.approx(1, abs=0.1)


def test_a_longer_value_takes_longer_to_read(tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "NUM_READS", 9)
    with measure.running_redis(tmp_path) as store:
        assert 0 < measure.median_read_s(store, 1) < measure.median_read_s(store, 5_000_000)
