"""System checks for settings with which the server would fail later, or lose sessions."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning

import wheel
from wheel import runtime
from wheel.errors import ModelUnavailableError
from wheel.filesystems import database_warning

LOCMEM = "django.core.cache.backends.locmem.LocMemCache"


@register(Tags.compatibility)
def check_wheel_package(**_: Any) -> list[CheckMessage]:
    """The project's package `wheel` is imported, not the one of this name on PyPI."""
    found = Path(wheel.__file__).resolve().parent
    expected = Path(settings.BASE_DIR) / "wheel"
    if found == expected:
        return []
    return [
        Error(
            f"The package 'wheel' was imported from {found}, not from {expected}.",
            hint="Put the project's folder first on the Python path.",
            id="wheel.E001",
        )
    ]


@register(Tags.caches)
def check_store_is_shared(**_: Any) -> list[CheckMessage]:
    """Sessions are stored outside the process, whose memory is neither permanent nor shared."""
    if settings.CACHES["default"]["BACKEND"] != LOCMEM:
        return []
    return [
        Error(
            "CACHE_URL=locmem:// keeps wheel sessions in the memory of one process.",
            hint="Use db:// (the default) or redis://…; locmem:// is for tests.",
            id="wheel.E002",
        )
    ]


@register(Tags.compatibility)
def check_engine_is_shared(**_: Any) -> list[CheckMessage]:
    """Several web processes share one engine, in a process of its own."""
    num_processes = settings.WEB_PROCESSES
    is_shared = settings.WHEEL_ENGINE_PROCESS or settings.WHEEL_ENGINE_URL
    if num_processes == 1 or is_shared:
        return []
    return [
        CheckWarning(
            f"Each of the {num_processes} web processes (WEB_PROCESSES) has its own engine, so the "
            f"models are {num_processes} times in memory.",
            hint="Set WHEEL_ENGINE_PROCESS=true, for an engine that all of them use, or "
            "WEB_PROCESSES=1.",
            id="wheel.W003",
        )
    ]


@register(Tags.files)
def check_database_is_local(**_: Any) -> list[CheckMessage]:
    """The embedded database is not on a network share."""
    sentence = database_warning()
    return [CheckWarning(sentence, id="wheel.W002")] if sentence else []


@register(Tags.files)
def check_default_model(**_: Any) -> list[CheckMessage]:
    """The default model is available."""
    catalog = runtime.current().catalog
    try:
        catalog.require_available(catalog.default_model_id())
    except ModelUnavailableError as error:
        return [CheckWarning(error.detail, id="wheel.W001")]
    return []
