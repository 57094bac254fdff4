"""`manage.py create_teacher`: a login for the admin that sees its own classes only."""

import os
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wheel.errors import InvalidFieldsError
from wheel.services import teachers

NAME_VARIABLE, PASSWORD_VARIABLE = "TEACHER_USERNAME", "TEACHER_PASSWORD"


class Command(BaseCommand):
    help = (
        "Creates a teacher's login for the admin, with the permissions of the group Teachers. "
        f"Asks for the name and the password, unless --username and {PASSWORD_VARIABLE} give them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", help=f"the name; else that of {NAME_VARIABLE}")
        parser.add_argument(
            "--no-input",
            "--noinput",
            action="store_false",
            dest="may_ask",
            help=f"never ask: the password is that of {PASSWORD_VARIABLE}",
        )

    def handle(
        self, *args: Any, username: str | None, may_ask: bool = True, **options: Any
    ) -> None:
        username = username or os.environ.get(NAME_VARIABLE) or asked_name(may_ask=may_ask)
        password = os.environ.get(PASSWORD_VARIABLE) or asked_password(may_ask=may_ask)
        try:
            teachers.create_teacher(username=username, password=password)
        except InvalidFieldsError as error:
            sentences = [text for texts in error.errors.values() for text in texts]
            raise CommandError("\n".join(sentences)) from None
        self.stdout.write(self.style.SUCCESS(f"{username} can now log in at /admin/ as a teacher."))


def asked_name(*, may_ask: bool) -> str:
    require_terminal(f"--username or {NAME_VARIABLE}", may_ask=may_ask)
    return input("Name: ").strip()


def asked_password(*, may_ask: bool) -> str:
    """Asked for twice. Raises `CommandError` if the two differ."""
    require_terminal(PASSWORD_VARIABLE, may_ask=may_ask)
    password = getpass("Password: ")
    if getpass("Password (again): ") != password:
        raise CommandError("The passwords differ. Nothing was changed.")
    return password


def require_terminal(source: str, *, may_ask: bool) -> None:
    if not (may_ask and sys.stdin.isatty()):
        raise CommandError(f"Nothing was changed: give {source}, or run this in a terminal.")
