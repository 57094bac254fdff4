"""The library that was measured is remembered, for the machine on which it was measured."""

import pytest

from bench.plain_models import decoder_from
from tests.checkpoints import random_gpt2
from wheel.language_models import choice_record
from wheel.language_models.checksums import CHOICE_NAME, damaged_files, record_checksums
from wheel.language_models.choice_record import MAX_AGE_S, ChoiceRecord, this_machine
from wheel.language_models.runner_choice import MAKERS, make_runner

SMALL = 20_000  # bytes: less than the model here has


@pytest.fixture(scope="module")
def decoder():
    return decoder_from(random_gpt2(50))


@pytest.fixture
def record(tmp_path):
    return ChoiceRecord(tmp_path)


def counting_makers(asked):
    def counting(name):
        def make(decoder):
            asked.append(name)
            return MAKERS[name](decoder)

        return make

    return {name: counting(name) for name in MAKERS}


def test_only_the_first_start_measures(decoder, record, tmp_path):
    chosen = make_runner(decoder, record=record, slice_bytes=SMALL).name

    asked: list[str] = []
    later = ChoiceRecord(tmp_path)
    runner = make_runner(decoder, record=later, makers=counting_makers(asked), slice_bytes=SMALL)

    assert (runner.name, asked) == (chosen, [chosen])


def test_a_library_that_is_named_is_used_whatever_is_recorded(decoder, record):
    record.write("openvino")
    assert make_runner(decoder, "torch", record=record, slice_bytes=SMALL).name == "torch"


def test_a_small_model_is_neither_measured_nor_recorded(decoder, record):
    make_runner(decoder, record=record, slice_bytes=10**9)
    assert record.read() is None


def test_a_library_that_cannot_be_used_is_not_recorded(decoder, record):
    def fail(decoder):
        raise ImportError("no such package")

    makers = {**MAKERS, "openvino": fail}
    assert make_runner(decoder, record=record, makers=makers, slice_bytes=SMALL).name == "torch"
    assert record.read() is None


def test_a_recorded_library_that_fails_is_measured_at_the_next_load(decoder, record):
    def fail(decoder):
        raise RuntimeError("not supported")

    record.write("openvino")
    makers = {**MAKERS, "openvino": fail}
    with pytest.raises(RuntimeError):
        make_runner(decoder, record=record, makers=makers, slice_bytes=SMALL)
    assert make_runner(decoder, record=record, makers=makers, slice_bytes=SMALL).name == "torch"


def test_another_machine_and_an_old_record_are_measured_again(tmp_path):
    ChoiceRecord(tmp_path, machine="one", now=lambda: 1000.0).write("torch")

    def read(machine, now):
        return ChoiceRecord(tmp_path, machine=machine, now=lambda: now).read()

    assert read("one", 1000.0 + MAX_AGE_S) == "torch"
    assert read("one", 1001.0 + MAX_AGE_S) is None
    assert read("one", 999.0) is None  # the clock was put back
    assert read("other", 1000.0) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"runner": 7}', "\udc80"])
def test_a_damaged_record_is_none(tmp_path, record, content):
    (tmp_path / CHOICE_NAME).write_bytes(content.encode(errors="surrogateescape"))
    assert record.read() is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, record, caplog):
    (tmp_path / f".{CHOICE_NAME}").mkdir()
    record.write("torch")
    assert "could not be recorded" in caplog.text
    assert record.read() is None
    record.forget()


def test_the_record_is_none_of_the_model_s_files(tmp_path, record):
    (tmp_path / "config.json").write_text("{}")
    record_checksums(tmp_path)
    record.write("torch")
    assert damaged_files(tmp_path) == []
    record_checksums(tmp_path)
    assert CHOICE_NAME not in (tmp_path / "SHA256SUMS").read_text()


def test_the_machine_is_its_processor_its_threads_and_its_libraries(monkeypatch, tmp_path):
    before = this_machine()
    assert this_machine() == before
    monkeypatch.setenv("OMP_NUM_THREADS", "77")
    assert this_machine() != before
    monkeypatch.undo()
    monkeypatch.setattr(choice_record, "version_of", str.upper)
    assert this_machine() != before
    monkeypatch.undo()
    processors = tmp_path / "cpuinfo"
    processors.write_text("model name : A\nflags : sse avx2\n\nmodel name : B\nflags : sse\n")
    monkeypatch.setattr(choice_record, "PROCESSORS", processors)
    assert choice_record.processor() == "model name : A\nflags : sse avx2\n"
    monkeypatch.setattr(choice_record, "PROCESSORS", tmp_path / "missing")
    assert choice_record.processor()
