"""`manage.py prepare`: the set-up before the first start. Later runs update outdated parts."""

import hashlib
from pathlib import Path
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from wheel.errors import ModelUnavailableError
from wheel.language_models.downloads import is_prepared, obtain_model
from wheel.language_models.registry import PackagedGgufSource, find_specs


class Command(BaseCommand):
    help = "Brings database, session store, static files and the embedded model up to date."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        connection.settings_dict["OPTIONS"].pop(
            "answer_timeout_s", None
        )  # a migration may take long
        require_database()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        try:
            self._collect_static()
        except OSError as error:
            problem = f"must be a folder that can be written: {error}"
            raise ImproperlyConfigured(f"TOKENWHEEL_STATIC_DIR {problem}.") from None
        self._prepare_embedded_models()
        self.stdout.write(self.style.SUCCESS("Token Wheel is set up."))

    def _collect_static(self) -> None:
        """Hashing and compressing takes seconds, so it is skipped while no file has changed."""
        stamp = Path(settings.STATIC_ROOT) / ".stamp"
        checksum = checksum_of_static_files()
        if not stamp.is_file() or stamp.read_text() != checksum:
            self.stdout.write("Collecting static files...")
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
            stamp.write_text(checksum)

    def _prepare_embedded_models(self) -> None:
        for spec in find_specs(settings.WHEEL_MODELS):
            is_packaged = isinstance(spec.source, PackagedGgufSource)
            if is_packaged and not is_prepared(spec, settings.TRANSFORMERS_CACHE):
                try:
                    obtain_model(spec, settings.TRANSFORMERS_CACHE)
                except ModelUnavailableError as error:
                    raise CommandError(error.detail) from None


def require_database() -> None:
    """Raises `ImproperlyConfigured`, with the variable's name, if the database is unusable."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        variable = "TOKENWHEEL_DATA_DIR" if connection.vendor == "sqlite" else "DATABASE_URL"
        problem = (
            f"must lead to a database that can be used: {' '.join(str(error).split()).rstrip('.?')}"
        )
        raise ImproperlyConfigured(f"{variable} {problem}.") from None


def checksum_of_static_files() -> str:
    """SHA-256 of the names and contents of all static files that are collected."""
    digest = hashlib.sha256()
    config = cast("StaticFilesConfig", apps.get_app_config("staticfiles"))
    for finder in get_finders():
        for name, storage in finder.list(config.ignore_patterns):
            content = Path(storage.path(name)).read_bytes()
            digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
