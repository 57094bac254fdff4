"""Base class of the commands that treat some or all models."""

from abc import abstractmethod
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wheel.errors import UnknownModelError
from wheel.language_models.registry import ModelSpec, find_specs


class ModelCommand(BaseCommand):
    """Treats the models whose ids are given; without ids, all that WHEEL_MODELS offers. A problem
    with one model does not stop the others; the status is 1 if there was any."""

    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model_ids", nargs="*", metavar="id")

    def handle(self, *args: Any, model_ids: list[str], **options: Any) -> None:
        try:
            specs = find_specs(model_ids or settings.WHEEL_MODELS, settings.WHEEL_REGISTRY)
        except UnknownModelError as error:
            raise CommandError(error.detail) from None
        problems = [
            f"{spec.model_id}: {problem}"
            for spec in specs
            if (problem := self.treat(spec, is_named=bool(model_ids)))
        ]
        if problems:
            raise CommandError("\n".join(problems))

    @abstractmethod
    def treat(self, spec: ModelSpec, *, is_named: bool) -> str | None:
        """Returns the problem in a sentence, or None. `is_named`: the ids were given."""
