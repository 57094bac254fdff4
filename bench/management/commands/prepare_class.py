"""`manage.py prepare_class`: a class for the load test, in an empty database.

Prints its id, its code and the cookie of its teacher as one JSON object.
"""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bench.class_setting import prepare
from wheel import runtime


class Command(BaseCommand):
    help = "Prepare a class for the load test, in an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--members", type=int, default=0)
        parser.add_argument("--tokens", type=int, default=0, help="that each member has")

    def handle(self, **options: Any) -> None:
        try:
            setting = prepare(options["members"], options["tokens"])
        finally:
            runtime.stop()  # a forward pass must not outlive the interpreter
        self.stdout.write(json.dumps(asdict(setting)))
