"""`manage.py prune_sessions`: remove the remains of wheel sessions that have ended."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wheel import services
from wheel.errors import StoreUnavailableError


class Command(BaseCommand):
    help = "Drops index rows (and stored remains) of wheel sessions that have ended."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            num_dropped = services.refresh_session_index()
        except StoreUnavailableError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(f"{num_dropped} ended sessions dropped.")
