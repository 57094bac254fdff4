"""Databases and session stores named by URLs: `DATABASE_URL` and `CACHE_URL`."""

import sqlite3
import sys
from contextlib import closing

import pytest

from tests import processes
from tokenwheel.backends import cache_from_url, database_from_url, sqlite_database


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path.resolve()


def test_a_relative_path_of_sqlite_has_three_slashes_and_starts_in_the_current_folder(folder):
    assert database_from_url("sqlite:///x.sqlite3")["NAME"] == folder / "x.sqlite3"


def test_an_absolute_path_of_sqlite_has_four_slashes(folder):
    assert database_from_url(f"sqlite:///{folder}/x.sqlite3")["NAME"] == folder / "x.sqlite3"


def test_a_path_of_sqlite_may_start_in_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    assert database_from_url("sqlite:///~/x.sqlite3")["NAME"] == folder / "x.sqlite3"


def test_special_characters_of_a_path_are_percent_encoded(folder):
    name = database_from_url("sqlite:///4%20b%3F%23%25%C3%A9.db")["NAME"]
    assert name == folder / "4 b?#%é.db"


def test_a_sqlite_from_a_url_has_the_options_of_the_default_one(folder):
    given = database_from_url("sqlite:///x")
    assert given == sqlite_database(folder / "x")
    assert given["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite:x",
        "sqlite:/x",
        "sqlite://x/y.sqlite3",
        "sqlite:///:memory:",
        "sqlite://:memory:",
        "sqlite:///x?mode=ro",
        "sqlite:///x#y",
        "sqlite:///missing/x",
        "sqlite:///.",
        "sqlite:///x%00y",
        "sqlite:///%FF",
        "sqlite3:///x",
        "SQLITE",
    ],
)
def test_a_url_of_sqlite_that_names_no_file_is_refused(folder, url):
    with pytest.raises((ValueError, OSError)):
        database_from_url(url)


def test_a_file_that_is_no_file_is_refused(folder):
    (folder / "socket").symlink_to("/dev/null")
    with pytest.raises(OSError, match="null"):
        database_from_url("sqlite:///socket")


@pytest.mark.parametrize(
    "url", ["redis://h", "redis://h/", "redis://h:6379/2", "redis:///1", "rediss://:pw@h:1/0"]
)
def test_a_redis_is_named_by_host_port_and_number(url):
    assert cache_from_url(url)["LOCATION"] == url


@pytest.mark.parametrize("url", ["redis://h/name", "redis://h:port/0", "rediss://h/0x"])
def test_a_redis_without_a_number_is_refused(url):
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence is that of the setting
        cache_from_url(url)


@pytest.mark.slow
def test_tables_and_sessions_are_in_the_file_of_the_url(tmp_path, models_dir):
    path = tmp_path / "4 b.sqlite3"
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/4%20b.sqlite3",
        "TOKENWHEEL_DATA_DIR": str(tmp_path / "data"),
        "TRANSFORMERS_CACHE": str(models_dir),
        "WHEEL_MODELS": "gpt2",
    }
    result = processes.run([sys.executable, "manage.py", "prepare"], environment)
    assert result.returncode == 0, result.stderr
    with closing(sqlite3.connect(path)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        assert {"wheel_session_store", "auth_user"} <= names
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert not (tmp_path / "data" / "db.sqlite3").exists()
