"""The files in which web processes share their metrics."""

import json

import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

from tests.waiting import wait_until
from tokenwheel import metrics, shared_metrics, worker_figures
from tokenwheel.environment import SettingError
from tokenwheel.figures_publisher import FiguresPublisher, own_figures
from tokenwheel.worker_figures import WorkerFigures
from wheel.engine.statistics import EngineStatistics

ADDRESSES = ["127.0.0.1:8000"]
KEY = mmap_key("tokenwheel_requests", "tokenwheel_requests_total", ["status"], ["200"], "Answered.")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(shared_metrics.VARIABLE, "none")  # so that it is removed afterwards
    return shared_metrics.create_folder(tmp_path, ADDRESSES)


def count(folder, pid, value):
    """What prometheus_client does in a process."""
    counters = MmapedDict(str(folder / f"counter_{pid}.db"))
    counters.write_value(KEY, value, 0)
    counters.close()


def total(folder):
    (metric,) = MultiProcessCollector(None, str(folder)).collect()
    (sample,) = metric.samples
    return sample.value


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
    assert list(folder.iterdir()) == []


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
    names = {path.name for path in folder.iterdir()}
    assert names == {"counter_ended.db", "histogram_ended.db", "figures_ended.json", "lock"}


def test_a_process_that_has_counted_nothing_can_end(folder):
    shared_metrics.retire_process(7)
    assert worker_figures.read_all(folder).pids == []


def test_a_damaged_file_is_logged_and_ends_nothing(folder, caplog):
    (folder / "figures_7.json").write_text("{")
    shared_metrics.retire_process(7)
    assert "could not be added up" in caplog.text


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


def waiting_requests(monkeypatch, folder):
    """What `/metrics` says of a process with this folder."""
    monkeypatch.setattr(metrics, "FOLDER", folder)
    families = {family.name: family for family in metrics.RuntimeCollector().collect()}
    return families["tokenwheel_engine_waiting"].samples[0].value


def test_engines_of_several_processes_are_added_up(folder, wheel_runtime, db, monkeypatch):
    for pid in (7, 8):
        worker_figures.write(folder, pid, figures(num_waiting=2))
    assert waiting_requests(monkeypatch, folder) == 4


def test_one_engine_of_all_processes_is_not_added_up(
    folder, wheel_runtime, db, settings, monkeypatch
):
    settings.WHEEL_ENGINE_URL = "tcp://127.0.0.1:7000"
    assert own_figures().engine == EngineStatistics()
    worker_figures.write(folder, 7, figures(num_waiting=2))
    assert waiting_requests(monkeypatch, folder) == 0  # of this test's engine


def test_a_full_disk_keeps_the_last_figures(folder, wheel_runtime, monkeypatch):
    publisher = FiguresPublisher(folder)
    publisher.publish()
    before = worker_figures.read_all(folder)

    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dumps", refuse)
    publisher.publish()
    assert worker_figures.read_all(folder) == before
