"""A class of thirty while the disk with its sessions is full: refused, and going on once there is
room. The log is on the same disk.
"""

import subprocess
from contextlib import contextmanager, suppress

import pytest

from tests.e2e.students import start_class
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
DISK_SIZE = 16 * 1024 * 1024
BLOCK_SIZE = 4096


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """A small disk in memory, which only root may mount."""
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE}", "tokenwheel-test", folder]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"mounting a disk needs root: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@contextmanager
def filled(disk):
    """Leaves no block free until the end."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(BLOCK_SIZE)):
            pass
    yield
    filler.unlink()


def test_a_class_goes_on_after_its_disk_was_full(prepared_folder, remote_model, disk):
    with prepared_folder.running_server(disk, **remote_model) as server:
        school_class = start_class(server)
        with school_class.at_work():
            school_class.wait_for_spins(2)
            with filled(disk):
                school_class.wait_for_refusals()
                wait_until(lambda: server.get("/ready").status_code == 503, poll_s=0.1)
                assert server.get("/health").status_code == 200
            wait_until(lambda: server.get("/ready").status_code == 200, poll_s=0.1)
            school_class.wait_for_spins(2)
        school_class.assert_that_no_token_is_lost_or_doubled()
