"""Storage of static files, compressed, under names that change with their content."""

from typing import Any

import brotli  # type: ignore[import-untyped]
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_SCRIPTS = "js/*.js"
SOURCE_MAP = "sourceMappingURL"
LARGE_BYTES = 200_000

Patterns = tuple[tuple[str, tuple[Any, ...]], ...]  # (glob, expressions) for each kind of file


def without_source_maps(patterns: Patterns) -> Patterns:
    return tuple(
        (glob, tuple(expression for expression in expressions if SOURCE_MAP not in str(expression)))
        for glob, expressions in patterns
    )


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also renames the targets of `import { x } from "./y.js";` in the project's own scripts, if
    the statement ends with a semicolon. Scripts must not import each other in a cycle: their names,
    made from their contents, would depend on each other.

    Scripts of packages are left alone: some import files that the package does not contain. Their
    references to source maps are not renamed either, since maps are not collected.
    """

    support_js_module_import_aggregation = True
    keep_only_hashed_files = True
    patterns = without_source_maps(CompressedManifestStaticFilesStorage.patterns)
    _js_module_import_aggregation_patterns = (
        OWN_SCRIPTS,
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],  # noqa: SLF001
    )

    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)


class QuickCompressor(Compressor):  # type: ignore[misc]
    """Compresses large files at Brotli's quality 9. Quality 11, the best, takes twenty times as
    long and saves an eighth of the size."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=11 if len(data) < LARGE_BYTES else 9))
