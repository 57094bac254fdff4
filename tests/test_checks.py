"""Each numbered system check: no message for good settings, its message for bad ones."""

import pytest
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

import wheel
from tests.api.fakes import changed_runtime
from wheel import filesystems
from wheel.checks import (
    check_database_is_local,
    check_default_model,
    check_engine_is_shared,
    check_store_is_shared,
    check_wheel_package,
)
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2, GPT2_MEDIUM

LOCMEM = "django.core.cache.backends.locmem.LocMemCache"
DATABASE = "django.core.cache.backends.db.DatabaseCache"


@pytest.fixture
def database_cache(settings):
    settings.CACHES = {"default": {"BACKEND": DATABASE, "LOCATION": "wheel_session_store"}}


@pytest.fixture
def sqlite_on(settings, monkeypatch, tmp_path):
    """Put the database on a file system of a type; returns its folder."""

    def put(kind):
        folder = tmp_path.resolve()
        mounts = tmp_path / "mountinfo"
        mounts.write_text(f"36 27 0:40 / {folder} rw - {kind} server:/export rw\n")
        monkeypatch.setattr(filesystems, "MOUNTS", mounts)
        monkeypatch.setitem(settings.DATABASES["default"], "NAME", folder / "db.sqlite3")
        return folder

    return put


def test_the_project_s_own_package_wheel_raises_no_message():
    assert check_wheel_package() == []


def test_another_package_called_wheel_is_an_error(monkeypatch):
    monkeypatch.setattr(wheel, "__file__", "/usr/lib/python3/site-packages/wheel/__init__.py")
    (error,) = check_wheel_package()
    assert error.id == "wheel.E001"
    assert error.level == checks.ERROR
    assert "/usr/lib/python3/site-packages/wheel" in error.msg
    assert error.hint


def test_a_shared_store_raises_no_message(database_cache):
    assert check_store_is_shared() == []


def test_a_store_in_the_memory_of_one_process_is_an_error(settings):
    settings.CACHES = {"default": {"BACKEND": LOCMEM}}
    (error,) = check_store_is_shared()
    assert error.id == "wheel.E002"
    assert error.level == checks.ERROR
    assert "CACHE_URL" in error.msg
    assert error.hint


def test_one_web_process_with_an_engine_of_its_own_raises_no_message(settings):
    settings.WEB_PROCESSES = 1
    assert check_engine_is_shared() == []


def test_several_web_processes_with_engines_of_their_own_are_warned_about(settings):
    settings.WEB_PROCESSES = 3
    settings.WHEEL_ENGINE_URL = ""
    (warning,) = check_engine_is_shared()
    assert warning.id == "wheel.W003"
    assert warning.level == checks.WARNING
    assert "3 times in memory" in warning.msg
    assert "WHEEL_ENGINE_PROCESS" in str(warning.hint)


@pytest.mark.parametrize(
    ("name", "value"),
    [("WHEEL_ENGINE_URL", "tcp://127.0.0.1:7000"), ("WHEEL_ENGINE_PROCESS", True)],
)
def test_several_web_processes_that_share_an_engine_raise_no_message(settings, name, value):
    settings.WEB_PROCESSES = 3
    setattr(settings, name, value)
    assert check_engine_is_shared() == []


def test_a_database_on_a_local_disk_raises_no_message(sqlite_on):
    sqlite_on("ext4")
    assert check_database_is_local() == []


def test_a_database_on_a_network_share_is_warned_about(sqlite_on):
    folder = sqlite_on("nfs4")
    (warning,) = check_database_is_local()
    assert warning.id == "wheel.W002"
    assert warning.level == checks.WARNING
    assert str(folder) in warning.msg
    assert "TOKENWHEEL_DATA_DIR" in warning.msg
    assert "DATABASE_URL" in warning.msg


def test_a_postgres_is_not_looked_for_on_a_disk(sqlite_on, settings, monkeypatch):
    sqlite_on("nfs4")
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "tokenwheel.postgresql")
    assert check_database_is_local() == []


def test_a_system_without_a_list_of_mounts_raises_no_message(sqlite_on, monkeypatch, tmp_path):
    sqlite_on("nfs4")
    monkeypatch.setattr(filesystems, "MOUNTS", tmp_path / "missing")
    assert check_database_is_local() == []


def test_an_available_default_model_raises_no_message(wheel_runtime):
    assert check_default_model() == []


def test_a_server_without_any_model_is_warned_about(wheel_runtime, tmp_path):
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        (warning,) = check_default_model()
    assert warning.id == "wheel.W001"
    assert warning.level == checks.WARNING
    assert "download_models gpt2" in warning.msg


def test_a_default_model_that_is_not_available_is_warned_about(wheel_runtime, models_dir):
    catalog = ModelCatalog([GPT2, GPT2_MEDIUM], models_dir, default_model_id="gpt2-medium")
    with changed_runtime(catalog=catalog):
        (warning,) = check_default_model()
    assert warning.id == "wheel.W001"
    assert "download_models gpt2-medium" in warning.msg


def test_the_check_command_runs_all_checks_of_this_project(wheel_runtime, database_cache):
    ours = {
        check_wheel_package,
        check_store_is_shared,
        check_default_model,
        check_database_is_local,
        check_engine_is_shared,
    }
    assert ours <= checks.registry.registry.registered_checks
    call_command("check")


def test_the_check_command_stops_at_an_error(wheel_runtime, settings):
    settings.CACHES = {"default": {"BACKEND": LOCMEM}}
    with pytest.raises(SystemCheckError, match="E002"):
        call_command("check")
