#!/usr/bin/env python
"""Django's command line for Token Wheel."""

import sys

from tokenwheel.command import run_django_command

if __name__ == "__main__":
    run_django_command(sys.argv)
