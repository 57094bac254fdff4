"""Reading the environment: values that make no sense stop the start with their variable's name."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from environs import Env, EnvValidationError, ValidationError
from limits import RateLimitItem
from limits import parse as parse_limit

env = Env()


def all_different(values: list[str]) -> None:
    if len(set(values)) < len(values):
        raise ValidationError("Must not name anything twice.")


@contextmanager
def told_by_name(variable: str) -> Iterator[None]:
    """A value that cannot be used stops the start with the name of its variable."""
    try:
        yield
    except ValueError as error:
        raise EnvValidationError(f"{variable}: {error}", [str(error)]) from None


def require(is_so: bool, variable: str, sentence: str) -> None:  # noqa: FBT001
    if not is_so:
        raise EnvValidationError(f"{variable}: {sentence}", [sentence])


def is_strong_key(key: str) -> bool:
    return len(key) >= 50 and len(set(key)) >= 5 and not key.startswith("django-insecure-")


def limit_named(variable: str, default: str) -> RateLimitItem | None:
    """Such as `200/10 seconds`; none where it is empty."""
    text = env.str(variable, default)
    with told_by_name(variable):
        limit = parse_limit(text) if text else None
        if limit is not None and limit.amount < 1:
            raise ValueError("at least 1, or empty for no limit")
        return limit


def kept_secret_key(path: Path) -> str:
    """A key made at the first start and kept in a file that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text()
