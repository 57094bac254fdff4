"""`manage.py download_models [ids]`: download models before serving."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from wheel.errors import ModelUnavailableError
from wheel.language_models.downloads import obtain_model, obtain_tokenizer
from wheel.language_models.registry import ModelSpec
from wheel.management.model_command import ModelCommand


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
        self.obtain = obtain_tokenizer if options["tokenizers_only"] else obtain_model
        super().handle(*args, **options)

    def treat(self, spec: ModelSpec, *, is_named: bool) -> str | None:
        self.stdout.write(f"{spec.model_id}: {spec.name}, {spec.parameters} parameters")
        try:
            folder = self.obtain(spec, settings.TRANSFORMERS_CACHE)
        except ModelUnavailableError as error:
            return error.detail
        self.stdout.write(self.style.SUCCESS(f"{spec.model_id}: ready in {folder}"))
        return None
