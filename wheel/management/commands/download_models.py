"""`manage.py download_models [ids]`: download models before serving."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wheel.errors import ModelUnavailableError, UnknownModelError
from wheel.language_models.downloads import obtain_model
from wheel.language_models.registry import ModelSpec, find_specs


class Command(BaseCommand):
    help = (
        "Downloads models from the hub and converts the packaged one. Without ids: all that "
        "WHEEL_MODELS offers. What is already here is checked and kept."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model_ids", nargs="*", metavar="id")

    def handle(self, *args: Any, model_ids: list[str], **options: Any) -> None:
        try:
            specs = find_specs(model_ids or settings.WHEEL_MODELS)
        except UnknownModelError as error:
            raise CommandError(error.detail) from None
        problems = [problem for spec in specs if (problem := self._obtain(spec))]
        if problems:
            raise CommandError("\n".join(problems))

    def _obtain(self, spec: ModelSpec) -> str | None:
        """The problem, or None for success: one model that fails does not stop the others."""
        self.stdout.write(f"{spec.model_id}: {spec.name}, {spec.parameters} parameters")
        try:
            folder = obtain_model(spec, settings.TRANSFORMERS_CACHE)
        except ModelUnavailableError as error:
            return f"{spec.model_id}: {error.detail}"
        self.stdout.write(self.style.SUCCESS(f"{spec.model_id}: ready in {folder}"))
        return None
