"""Comparison of a model with a plain forward of transformers, once for each state of its files.

The result is kept beside the files. A server computes it in a process of its own, since serving
imports no transformers.
"""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from wheel.decoders.families import shape_of
from wheel.decoders.refusals import RefusedModelError
from wheel.installation import FOLDER
from wheel.language_models.checksums import RECORD_NAME, known_digests, model_files, require_intact
from wheel.language_models.checksums import sha256 as checksum
from wheel.language_models.registry import ModelSpec
from wheel.language_models.tokenizer import Tokenizer

logger = logging.getLogger(__name__)

VERSION = 1  # increase it when a change of the runners asks for new comparisons
MAX_DIFFERENCE = 1e-4  # of any probability; another computation differs by 1e-2 (decision 0053)
TIMEOUT_S = 3600.0
READ_FILES = ("config.json", "tokenizer.json", "vocab.json", "merges.txt")

Compute = Callable[[Path, int], float]  # raises `ComparisonError`


class ComparisonError(RefusedModelError):
    """The probabilities differ from those of transformers, or could not be computed."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """version     of the comparison
    files       a checksum of all files that are read
    num_tokens  the length of the text
    difference  the largest of any probability
    """

    version: int
    files: str
    num_tokens: int
    difference: float

    def require_equal(self) -> None:
        """Raises `ComparisonError`."""
        if not self.difference <= MAX_DIFFERENCE:  # also for NaN
            raise ComparisonError(
                f"its probabilities differ from those of transformers by {self.difference:.0e} "
                f"in a text of {self.num_tokens} tokens"
            )

    def covers(self, other: "Comparison") -> bool:
        same = (self.version, self.files) == (other.version, other.files)
        return same and self.num_tokens >= other.num_tokens


def require_usable(
    spec: ModelSpec, folder: Path, max_context_length: int | None, *, has_weights: bool = True
) -> Comparison | None:
    """For a model that the project's tests do not cover. Raises `RefusedModelError`, and what the
    libraries raise for files that are damaged."""
    tokenizer = Tokenizer.from_folder(folder, spec.end_of_text_tokens)
    if spec.bos_token is not None:
        tokenizer.control_id(spec.bos_token)
    return require_as_transformers(folder, max_context_length) if has_weights else None


def compute_in_process(folder: Path, num_tokens: int) -> float:
    """In a process of its own, with Python's own path of modules."""
    command = [sys.executable, "-m", "wheel.language_models.reference", str(folder)]
    try:
        result = subprocess.run(  # noqa: S603 - the project's own program
            [*command, str(num_tokens)],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=True,
        )
        answer = json.loads(result.stdout.splitlines()[-1])
    except subprocess.CalledProcessError as error:
        logger.error(  # noqa: TRY400 - that of the other process says more
            "comparing with transformers failed:\n%s", error.stderr[-4000:]
        )
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError) as error:
        logger.exception("comparing with transformers failed: %s", type(error).__name__)
    else:
        if isinstance(answer, float):
            return answer
        raise ComparisonError(str(answer))  # the reason of a refusal
    raise ComparisonError("it could not be compared with transformers")


def require_as_transformers(
    folder: Path, max_context_length: int | None, compute: Compute = compute_in_process
) -> Comparison:
    """Compare, unless a record says that these files have been compared. The text is as long as
    the longest that is served, so longer than any window of attention that would matter.

    Raises `UnsupportedModelError` for a config that is refused, `DamagedFileError`, and
    `ComparisonError`.
    """
    context_length = shape_of(json.loads((folder / "config.json").read_bytes())).context_length
    num_tokens = min(context_length, max_context_length or context_length)
    wanted = Comparison(VERSION, files_digest(folder), num_tokens, 0.0)
    comparison = recorded(folder)
    if comparison is None or not comparison.covers(wanted):
        logger.info("comparing %d tokens with transformers, once", num_tokens)
        require_intact(folder)
        difference = compute(folder.absolute(), num_tokens)
        comparison = Comparison(VERSION, wanted.files, num_tokens, difference)
        record_if_possible(folder, comparison)
    comparison.require_equal()
    return comparison


def files_digest(folder: Path) -> str:
    """Of all files that are read. Checksums that are known are taken: a load compares them."""
    known = known_digests(folder)
    lines = [
        f"{path.name} {known.get(path.name) or checksum(path)}\n"
        for path in model_files(folder)
        if path.name in READ_FILES or ".safetensors" in path.name
    ]
    return sha256("".join(lines).encode()).hexdigest()


def recorded(folder: Path) -> Comparison | None:
    """None also for a record that is damaged."""
    try:
        content: dict[str, Any] = json.loads((folder / RECORD_NAME).read_bytes())
        return Comparison(
            int(content["version"]),
            str(content["files"]),
            int(content["num_tokens"]),
            float(content["difference"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def record_if_possible(folder: Path, comparison: Comparison) -> None:
    """In a folder that cannot be written, each start compares again."""
    unfinished = folder / f".{RECORD_NAME}"
    try:
        unfinished.write_text(json.dumps(asdict(comparison)))
        unfinished.replace(folder / RECORD_NAME)
    except OSError as error:
        reason = error.strerror or error
        logger.warning("the comparison of %s could not be recorded: %s", folder, reason)
