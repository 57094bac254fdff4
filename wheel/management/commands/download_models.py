"""`manage.py download_models [ids]`: download models before serving."""

import logging
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from wheel.decoders.refusals import RefusedModelError
from wheel.errors import ModelUnavailableError
from wheel.language_models.comparison import require_usable
from wheel.language_models.downloads import obtain_model, obtain_tokenizer
from wheel.language_models.loader import failure_sentence
from wheel.language_models.registry import ModelSpec, in_millions
from wheel.management.model_command import ModelCommand

logger = logging.getLogger(__name__)


class Command(ModelCommand):
    help = (
        "Downloads models from the hub and converts the packaged one. Without ids: all that "
        "WHEEL_MODELS offers. What is already here is checked and kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--tokenizers-only",
            action="store_true",
            help="without the weights: for a server whose engine is on other machines",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.has_weights = not options["tokenizers_only"]
        self.obtain = obtain_model if self.has_weights else obtain_tokenizer
        super().handle(*args, **options)

    def treat(self, spec: ModelSpec, *, is_named: bool) -> str | None:
        parameters = in_millions(spec.num_parameters)
        size = f", {parameters} parameters" if parameters else ""
        self.stdout.write(f"{spec.model_id}: {spec.name}{size}")
        try:
            folder = self.obtain(spec, settings.TRANSFORMERS_CACHE)
            if not spec.is_built_in:
                self._compare(spec, folder)
        except ModelUnavailableError as error:
            return error.detail
        except RefusedModelError as error:
            return failure_sentence(spec, error)
        except Exception as error:  # of a library that reads a damaged file
            logger.exception("reading %s failed", spec.model_id)
            return failure_sentence(spec, error)
        self.stdout.write(self.style.SUCCESS(f"{spec.model_id}: ready in {folder}"))
        return None

    def _compare(self, spec: ModelSpec, folder: Path) -> None:
        """So that no server has to. Raises `RefusedModelError`."""
        self.stdout.write(f"{spec.model_id}: comparing with transformers, unless it has been...")
        comparison = require_usable(
            spec, folder, settings.WHEEL_MAX_CONTEXT_LENGTH, has_weights=self.has_weights
        )
        if comparison is not None:
            self.stdout.write(
                f"{spec.model_id}: largest difference of a probability {comparison.difference:.0e}"
            )
