"""A class on `make run-cluster`: processes are killed while it spins, and Redis is restarted."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import redis
import requests
from django.conf import settings
from playwright.sync_api import expect

from bench.server import free_port
from tests.checkpoints import write_hub_checkpoint
from tests.cluster.ray_processes import replica_pids
from tests.e2e.students import start_class
from tests.waiting import HANGING_S, wait_until

CONFIG = """
http_options:
  host: 127.0.0.1
applications:
  - name: gpt2
    args: {model_id: gpt2, min_replicas: 2, max_replicas: 2, max_context_length: 1024}
"""


class LocalCluster:
    """Everything that scripts/run-cluster.sh starts, with its data in `folder`."""

    def __init__(self, folder, models_dir):
        self.folder = folder
        config = folder / "serve.yaml"
        config.write_text(CONFIG)
        ports = {name: free_port() for name in ("PORT", "ENGINE_PORT", "REDIS_PORT", "WEB_PORT")}
        self.url = f"http://127.0.0.1:{ports['PORT']}"
        self.redis_port = ports["REDIS_PORT"]
        self.environment = os.environ | {
            "CLUSTER_DIR": str(folder),
            "SERVE_CONFIG": str(config),
            "RAY_DIR": str(folder / "r"),
            "TRANSFORMERS_CACHE": str(models_dir),
            "WHEEL_MODELS": "gpt2",
            "VENV": str(Path(sys.prefix)),
            **{name: str(port) for name, port in ports.items()},
        }
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.environment.pop("WHEEL_ENGINE_URL", None)

    def start(self):
        with (self.folder / "out.log").open("wb") as log:
            self.process = subprocess.Popen(
                ["scripts/run-cluster.sh"],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self.is_ready, poll_s=0.5)

    def is_ready(self):
        assert self.process.poll() is None, self.logs()
        try:
            return requests.get(f"{self.url}/ready", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(HANGING_S)

    def logs(self):
        return "\n".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))

    @property
    def ray_token(self):
        return (self.folder / "ray_token").read_text().strip()

    @property
    def redis_password(self):
        return (self.folder / "redis_password").read_text().strip()

    def web_processes(self):
        """gunicorn's workers."""
        (web,) = (
            child
            for child in psutil.Process(self.process.pid).children()
            if "-m tokenwheel" in " ".join(child.cmdline())
        )
        return [child.pid for child in web.children()]

    def redis_pid(self):
        (pid,) = (
            child.pid
            for child in psutil.Process(self.process.pid).children()
            if child.name() == "redis-server"
        )
        return pid

    def redis_listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.redis_port)) == 0


@pytest.fixture(scope="module")
def local_cluster(tmp_path_factory):
    models_dir = tmp_path_factory.mktemp("models")
    write_hub_checkpoint(models_dir, "openai-community/gpt2", context_length=1024)
    folder = Path("/tmp") / f"twc-{os.getpid()}"  # short: Ray's sockets are in it
    folder.mkdir()
    cluster = LocalCluster(folder, models_dir)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        sys.stderr.write(cluster.logs())
        subprocess.run(["rm", "-rf", str(folder)], check=True)


@pytest.fixture
def page(chromium, local_cluster):
    context = chromium.new_context(base_url=local_cluster.url, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def spin_on_the_page(page):
    """One spin of a student: it ends with one more token, however long it takes."""
    chips = page.locator("#stage:not([data-busy]) .chip")
    expect(chips.first).to_be_visible(timeout=HANGING_S * 1000)
    num_chips = chips.count()
    page.click("#spin")
    expect(chips).to_have_count(num_chips + 1, timeout=HANGING_S * 1000)


def test_redis_refuses_a_client_without_the_password(local_cluster):
    with (
        redis.Redis(port=local_cluster.redis_port) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()
    with redis.Redis(
        port=local_cluster.redis_port, password=local_cluster.redis_password
    ) as client:
        assert client.ping()


def test_no_other_user_can_read_the_secrets(local_cluster):
    assert stat.S_IMODE(local_cluster.folder.stat().st_mode) == 0o700
    for name in ("ray_token", "engine_token", "redis_password", "redis.conf"):
        assert stat.S_IMODE((local_cluster.folder / name).stat().st_mode) == 0o600
    main = psutil.Process(local_cluster.process.pid)
    command_lines = [process.cmdline() for process in [main, *main.children()]]
    assert local_cluster.redis_password not in str(command_lines)


def test_a_class_loses_nothing_when_processes_are_killed_and_redis_is_restarted(
    local_cluster, page
):
    school_class = start_class(local_cluster)
    page.goto("/")
    page.fill("#id_prompt", "The cat sat on the")
    page.click("form:has(#id_prompt) button[type=submit]")
    spin_on_the_page(page)
    with school_class.at_work():
        school_class.wait_for_spins(2)

        os.kill(min(replica_pids(local_cluster.ray_token)), signal.SIGKILL)
        spin_on_the_page(page)
        school_class.wait_for_spins(2)

        web_processes = local_cluster.web_processes()
        assert len(web_processes) == 2
        os.kill(web_processes[0], signal.SIGKILL)
        spin_on_the_page(page)
        school_class.wait_for_spins(2)

        redis_pid = local_cluster.redis_pid()
        os.kill(redis_pid, signal.SIGTERM)
        spin_on_the_page(page)
        wait_until(local_cluster.redis_listens, poll_s=0.1)
        assert local_cluster.redis_pid() != redis_pid
        school_class.wait_for_spins(2)
    school_class.assert_that_no_token_is_lost_or_doubled()
    assert school_class.answers().keys() <= {200, 409, 429, 503, *CONNECTION_ERRORS}
    assert "Traceback" not in (local_cluster.folder / "web.log").read_text()


# What a client meets whose web process is killed: nginx answers 502 with a page of its own.
CONNECTION_ERRORS = {"JSONDecodeError", "ConnectionError"}
