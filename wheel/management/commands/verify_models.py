"""`manage.py verify_models [ids]`: compare models' files with their checksums."""

from django.conf import settings

from wheel.errors import ModelUnavailableError
from wheel.language_models.checksums import damaged_files, known_digests
from wheel.language_models.model_files import how_to_get, locate_model
from wheel.language_models.registry import FolderSource, ModelSpec
from wheel.management.model_command import ModelCommand


class Command(ModelCommand):
    help = (
        "Compares models' files with the checksums of their download or conversion. Without ids: "
        "those models of WHEEL_MODELS that are on this server. Changes nothing."
    )

    def treat(self, spec: ModelSpec, *, is_named: bool) -> str | None:
        try:
            folder = locate_model(spec, settings.TRANSFORMERS_CACHE)
        except ModelUnavailableError as error:
            if is_named:
                return error.detail
            self.stdout.write(f"{spec.model_id}: {error.detail}")
            return None
        if damaged := damaged_files(folder):
            return f"Damaged: {', '.join(damaged)}. To restore them, run: {how_to_get(spec)}"
        num_files = len(known_digests(folder))
        if num_files == 0 and isinstance(spec.source, FolderSource):
            self.stdout.write(f"{spec.model_id}: a folder of your own, without checksums")
            return None
        if num_files == 0:
            return f"No checksums have been recorded. To record them, run: {how_to_get(spec)}"
        self.stdout.write(self.style.SUCCESS(f"{spec.model_id}: {num_files} files are intact"))
        return None
