"""Fixtures that run `manage.py` in a separate process and a temporary data folder."""

import socket
import sys
from pathlib import Path

import pytest

from tests import processes
from tests.checkpoints import COMMIT
from tests.management.fake_hub import FakeHub

PROJECT = Path(__file__).resolve().parents[2]
REPO_ID = "openai-community/gpt2"


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def manage(data_dir):
    """Run a command of manage.py with a clean environment and an empty data folder."""

    def run(*arguments, **environment):
        ours = {
            "HOME": str(data_dir),
            "TOKENWHEEL_DATA_DIR": str(data_dir),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "NO_PROXY": "127.0.0.1",
        }
        return processes.run([sys.executable, "manage.py", *arguments], ours | environment)

    return run


@pytest.fixture
def hub(models_dir):
    """A fake hub that serves the small checkpoint as GPT-2."""
    folder = models_dir / f"models--{REPO_ID.replace('/', '--')}" / "snapshots" / COMMIT
    return FakeHub(REPO_ID, folder)


@pytest.fixture
def download(manage, hub):
    """Run `download_models gpt2` against the hub."""

    def run():
        with hub.serving() as endpoint:
            return manage("download_models", "gpt2", HF_ENDPOINT=endpoint)

    return run


@pytest.fixture
def closed_port():
    """A port of this machine without a listener."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
