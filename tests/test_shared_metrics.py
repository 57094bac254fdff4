"""The files in which web processes share their metrics."""

import errno
import fcntl
import json
import os
from contextlib import contextmanager

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

from tests.api.fakes import FailingEngine, changed_runtime
from tests.waiting import wait_until
from tokenwheel import metrics, shared_metrics, worker_figures
from tokenwheel.environment import SettingError
from tokenwheel.figures_publisher import FiguresPublisher, own_figures
from tokenwheel.worker_figures import WorkerFigures
from wheel.engine.statistics import EngineStatistics

ADDRESSES = ["127.0.0.1:8000"]


def key(status="200"):
    return mmap_key(
        "tokenwheel_requests", "tokenwheel_requests_total", ["status"], [status], "Answered."
    )


# Nothing, too little, and a length in use with a key that is none.
DAMAGES = {"empty": b"", "short": b"{", "key": b"\x28\0\0\0\0\0\0\0" + b"\xff" * 32}
EMPTY_FOLDER = {"lock", "counter_ended.new", "histogram_ended.new"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(shared_metrics.VARIABLE, "none")  # so that it is removed afterwards
    return shared_metrics.create_folder(tmp_path, ADDRESSES)


def count(folder, pid, value, status="200"):
    """What prometheus_client does in a process."""
    counters = MmapedDict(str(folder / f"counter_{pid}.db"))
    counters.write_value(key(status), value, 0)
    counters.close()


def total(folder):
    (metric,) = MultiProcessCollector(None, str(folder)).collect()
    return sum(sample.value for sample in metric.samples)


def names_in(folder):
    return {path.name for path in folder.iterdir()}


@contextmanager
def full_disk(monkeypatch):
    def refuse(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", refuse)
        yield


def figures(num_waiting=0, num_hits=0, cpu_seconds=0.0, num_ready_models=0):
    engine = EngineStatistics(num_waiting=num_waiting, num_logits_hits=num_hits)
    engine.batch_counts[0] = num_hits
    return WorkerFigures(engine, cpu_seconds, num_ready_models)


def test_a_server_on_another_address_has_another_folder(folder, tmp_path):
    count(folder, 7, 1)
    other = shared_metrics.create_folder(tmp_path, ["unix:/run/tokenwheel.sock"])
    assert other.parent == folder.parent
    assert other != folder
    assert total(folder) == 1


def test_the_folder_is_empty_after_a_start(folder, tmp_path):
    count(folder, 7, 1)
    worker_figures.write(folder, 7, figures())
    assert shared_metrics.create_folder(tmp_path, ADDRESSES) == folder
    assert names_in(folder) == EMPTY_FOLDER


def test_a_folder_that_cannot_be_made_is_a_fault_of_its_setting(tmp_path):
    (tmp_path / "metrics").write_text("a file")
    with pytest.raises(SettingError, match="TOKENWHEEL_DATA_DIR must be"):
        shared_metrics.create_folder(tmp_path, ADDRESSES)


def test_the_space_for_a_process_is_reserved_before_it_counts(folder):
    shared_metrics.allocate_files(7)
    for kind in shared_metrics.KINDS:
        stored = (folder / f"{kind}_7.db").stat()
        assert stored.st_blocks * 512 >= stored.st_size == shared_metrics.FILE_BYTES
    count(folder, 7, 3)
    assert total(folder) == 3


def test_ended_processes_keep_their_counts_and_leave_no_files(folder):
    for pid in range(10, 60):
        shared_metrics.allocate_files(pid)
        count(folder, pid, 2)
        worker_figures.write(folder, pid, figures(num_hits=3, cpu_seconds=0.5))
        shared_metrics.retire_process(pid)
    assert total(folder) == 100
    assert worker_figures.read_all(folder).engine.num_logits_hits == 150
    ended = {"counter_ended.db", "histogram_ended.db", "figures_ended.json"}
    assert names_in(folder) == EMPTY_FOLDER | ended


def test_a_process_that_has_counted_nothing_can_end(folder):
    shared_metrics.retire_process(7)
    assert worker_figures.read_all(folder).pids == []


def is_reserved(path):
    stored = path.stat()
    return stored.st_blocks * 512 >= stored.st_size >= shared_metrics.FILE_BYTES


def test_the_space_for_the_sums_of_ended_processes_is_always_reserved(folder):
    next_sums = [folder / f"{kind}_ended.new" for kind in shared_metrics.KINDS]
    assert all(is_reserved(path) for path in next_sums)
    shared_metrics.allocate_files(7)
    count(folder, 7, 3)
    shared_metrics.retire_process(7)
    sums = [folder / f"{kind}_ended.db" for kind in shared_metrics.KINDS]
    assert all(is_reserved(path) for path in [*next_sums, *sums])


def test_more_sums_than_the_usual_size_holds_have_their_space_reserved(folder):
    statuses = [f"{number:02000}" for number in range(600)]
    for status in statuses:
        count(folder, 7, 1, status)
    shared_metrics.retire_process(7)
    assert total(folder) == 600
    assert (folder / "counter_ended.db").stat().st_size > shared_metrics.FILE_BYTES
    assert is_reserved(folder / "counter_ended.db")


def test_on_a_full_disk_the_master_goes_on_and_no_count_is_lost(folder, monkeypatch):
    count(folder, 7, 3)
    count(folder, 8, 2)
    shared_metrics.retire_process(7)
    with full_disk(monkeypatch):
        shared_metrics.allocate_files(9)
        shared_metrics.retire_process(8)
        shared_metrics.retire_process(9)
        assert total(folder) == 5
    assert not (folder / "counter_9.db").exists()
    shared_metrics.retire_process(8)
    assert total(folder) == 5
    assert not (folder / "counter_8.db").exists()


def test_a_full_disk_does_not_prevent_a_start(folder, tmp_path, monkeypatch):
    with full_disk(monkeypatch):
        assert shared_metrics.create_folder(tmp_path, ADDRESSES) == folder
    assert names_in(folder) == {"lock"}
    count(folder, 7, 3)
    shared_metrics.retire_process(7)
    assert total(folder) == 3


def test_a_failure_in_the_middle_of_a_sum_counts_nothing_twice(folder, monkeypatch):
    count(folder, 7, 1)
    shared_metrics.retire_process(7)
    for status in ("200", "404", "503"):
        count(folder, 8, 1, status)
    write_value = MmapedDict.write_value

    def fail_at_the_second(self, name, value, timestamp):
        if name == key("404"):
            raise OSError(errno.EIO, "Input/output error")
        write_value(self, name, value, timestamp)

    with monkeypatch.context() as patch:
        patch.setattr(MmapedDict, "write_value", fail_at_the_second)
        shared_metrics.retire_process(8)
    assert total(folder) == 4
    shared_metrics.retire_process(8)
    assert total(folder) == 4
    assert not (folder / "counter_8.db").exists()


@pytest.mark.parametrize("name", ["figures_7.json", "counter_7.db", "histogram_7.db"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_logged_once_and_ends_nothing(folder, caplog, name, damage):
    count(folder, 7, 1)
    (folder / name).write_bytes(DAMAGES[damage])
    for _ in range(2):
        shared_metrics.retire_process(7)
    (record,) = caplog.records
    assert "could not be updated" in record.message
    assert record.exc_info
    ended = {"figures_7.json": True, "counter_7.db": False, "histogram_7.db": True}
    assert (folder / "counter_ended.db").exists() == ended[name]


def test_a_lock_that_is_held_for_long_does_not_stop_the_master(folder, monkeypatch, caplog):
    count(folder, 7, 1)
    monkeypatch.setattr(shared_metrics, "LOCK_TIMEOUT_S", 0.01)
    with held_lock(folder):
        shared_metrics.retire_process(7)
    assert "could not be updated: Timeout" in caplog.text
    assert total(folder) == 1


@contextmanager
def held_lock(folder):
    """As by another process."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def test_without_a_folder_nothing_is_written(monkeypatch):
    monkeypatch.delenv(shared_metrics.VARIABLE, raising=False)
    assert shared_metrics.current_folder() is None
    shared_metrics.allocate_files(7)
    shared_metrics.retire_process(7)


def test_figures_are_added_up_and_gauges_end_with_their_process(folder):
    ready = {"num_ready_models": 2}
    worker_figures.write(folder, 7, figures(num_waiting=4, num_hits=10, cpu_seconds=1.5, **ready))
    worker_figures.write(folder, 8, figures(num_waiting=1, num_hits=20, cpu_seconds=2.0))
    both = worker_figures.read_all(folder)
    assert (both.engine.num_waiting, both.engine.num_logits_hits) == (5, 30)
    assert both.engine.batch_counts[0] == 30
    assert (both.cpu_seconds, both.num_ready_models, both.pids) == (3.5, 0, [7, 8])
    worker_figures.retire(folder, 8)
    rest = worker_figures.read_all(folder)
    assert (rest.engine.num_waiting, rest.engine.num_logits_hits) == (4, 30)
    assert rest.engine.batch_counts[0] == 30
    assert (rest.cpu_seconds, rest.num_ready_models, rest.pids) == (3.5, 2, [7])


def test_a_process_publishes_its_figures_again_and_again(folder, wheel_runtime, engine):
    publisher = FiguresPublisher(folder, interval_s=0.01)
    publisher.start()
    try:
        wait_until(lambda: worker_figures.read_all(folder).num_ready_models == 1)
        before = worker_figures.read_all(folder).engine.num_logits_misses
        engine.next_logits("gpt2", (5, 6, 7, 8)).result()
        wait_until(lambda: worker_figures.read_all(folder).engine.num_logits_misses > before)
    finally:
        publisher.stop()
    assert worker_figures.read_all(folder).cpu_seconds > 0


def waiting_requests(folder):
    """What `/metrics` says of a process with this folder."""
    families = {family.name: family for family in metrics.RuntimeCollector(folder).collect()}
    return families["tokenwheel_engine_waiting"].samples[0].value


def test_engines_of_several_processes_are_added_up(folder, wheel_runtime, db):
    for pid in (7, 8):
        worker_figures.write(folder, pid, figures(num_waiting=2))
    assert waiting_requests(folder) == 4


def test_one_engine_of_all_processes_is_not_added_up(folder, wheel_runtime, db, settings):
    settings.WHEEL_ENGINE_URL = "tcp://127.0.0.1:7000"
    assert own_figures().engine == EngineStatistics()
    worker_figures.write(folder, 7, figures(num_waiting=2))
    assert waiting_requests(folder) == 0  # of this test's engine


def test_a_full_disk_keeps_the_last_figures(folder, wheel_runtime, monkeypatch):
    publisher = FiguresPublisher(folder)
    publisher.publish()
    before = worker_figures.read_all(folder)

    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dumps", refuse)
    publisher.publish()
    assert worker_figures.read_all(folder) == before


@pytest.fixture
def scrape(api, folder, settings, monkeypatch):
    """GET /metrics of a process of a server with this folder."""
    registry = CollectorRegistry()
    metrics.register_collectors(registry, folder)
    monkeypatch.setattr(metrics, "registry", registry)
    settings.WHEEL_METRICS = True
    return lambda: api.get("/metrics")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_scrape_skips_files_that_cannot_be_read_and_logs_each_once(
    folder, scrape, caplog, damage
):
    damaged = {"figures_7.json", "counter_7.db", "histogram_7.db"}
    for name in damaged:
        (folder / name).write_bytes(DAMAGES[damage])
    count(folder, 8, 3)
    worker_figures.write(folder, 8, figures(num_ready_models=2))
    for _ in range(2):
        response = scrape()
        assert response.status_code == 200
        assert 'tokenwheel_requests_total{status="200"} 3.0' in response.text
        assert "tokenwheel_ready_models 2.0" in response.text
    assert sorted(r.args[0].name for r in caplog.records if "unreadable" in r.message) == sorted(
        damaged
    )


def test_a_scrape_that_does_not_get_the_lock_is_told_to_try_again(folder, scrape, monkeypatch):
    monkeypatch.setattr(shared_metrics, "LOCK_TIMEOUT_S", 0.01)
    with held_lock(folder):
        response = scrape()
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert scrape().status_code == 200


def test_a_scrape_does_not_hold_the_lock_while_it_asks_the_engine(folder, scrape, settings):
    class LockingEngine(FailingEngine):
        def statistics(self):
            with held_lock(folder):
                return EngineStatistics(num_waiting=5)

    settings.WHEEL_ENGINE_URL = "http://127.0.0.1:7000"
    with changed_runtime(engine=LockingEngine()):
        response = scrape()
    assert "tokenwheel_engine_waiting 5.0" in response.text
