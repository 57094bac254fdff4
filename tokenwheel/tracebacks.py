"""Tracebacks for the log, without the messages that may quote a user's text.

A traceback always shows the type of each exception, its module, and for each frame the file, the
line number and the line of source code. A message is shown if its type, or the library that raised
it, never sees a user's text; otherwise it is replaced by an ellipsis.
"""

import traceback
from collections.abc import Iterator
from types import TracebackType

# Named by strings, so that this module imports neither a database driver nor a Redis client. A
# subtype counts as its base. Messages of Python's own types name files, modules and attributes;
# KeyError, ValueError and the UnicodeErrors are left out, since they quote the value.
SAFE_TYPES = {
    "OSError",
    "ImportError",
    "NameError",
    "AttributeError",
    "IndexError",
    "ArithmeticError",
    "MemoryError",
    "RecursionError",
    "OperationalError",  # of a database
    "InterfaceError",  # of a database
    "RedisError",
    "ImproperlyConfigured",
    "AppRegistryNotReady",
    "TemplateDoesNotExist",
    "SafetensorError",
    "ComparisonError",
    "DamagedFileError",  # of a model
    "MissingTensorError",
    "UnsupportedModelError",
    "UnsupportedTokenizerError",
    "UnusableWeightsError",
    "WrongShapeError",
}
# Modules that work on numbers, files and threads. A KeyError of theirs may hold token ids, which
# are a text in another form.
MODULES_WITHOUT_TEXT = (
    "concurrent",
    "gunicorn",
    "importlib",
    "numpy",
    "safetensors",
    "threading",
    "torch",
    "wheel.decoders",
    "wheel.engine",
    "wheel.language_models.loader",
    "wheel.language_models.runners",
)
CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"
HIDDEN = "…"


def format_exception(error: BaseException) -> str:
    """The traceback of an exception and of those that led to it, the first one first."""
    return "".join(parts(error, seen=set())).rstrip("\n")


def parts(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))  # a chain can be a circle
    earlier, joint = error.__cause__, CAUSE
    if earlier is None and not error.__suppress_context__:
        earlier, joint = error.__context__, CONTEXT
    if earlier is not None and id(earlier) not in seen:
        yield from parts(earlier, seen)
        yield joint
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    yield f"{qualified_name(type(error))}: {message(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from parts(inner, seen)


def message(error: BaseException) -> str:
    return str(error) if has_safe_message(error) else HIDDEN


def has_safe_message(error: BaseException) -> bool:
    if any(kind.__name__ in SAFE_TYPES for kind in type(error).__mro__):
        return True
    if isinstance(error, KeyError):
        return False
    module = module_that_raised(error.__traceback__)
    if isinstance(error, TypeError):
        # In the project's own code, Python raises it. Its words name types and arguments.
        return is_below(module, ("wheel", "tokenwheel", *MODULES_WITHOUT_TEXT))
    return is_below(module, MODULES_WITHOUT_TEXT)


def module_that_raised(frames: TracebackType | None) -> str:
    """The module of the innermost frame; "" if there is no frame."""
    name = ""
    while frames is not None:
        name = str(frames.tb_frame.f_globals.get("__name__", ""))
        frames = frames.tb_next
    return name


def is_below(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def qualified_name(kind: type[BaseException]) -> str:
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"
