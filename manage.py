#!/usr/bin/env python
"""Django's command line for Token Wheel."""

import os
import sys

from tokenwheel.database_outage import exit_on_database_outage
from tokenwheel.environment import exit_on_setting_error


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    with exit_on_setting_error(), exit_on_database_outage():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
