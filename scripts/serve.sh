#!/bin/sh
# Brings database and static files up to date and serves, as `make run` does. The server replaces this
# process and so receives its signals. VENV is the virtual environment (.venv).
set -eu

exec "${VENV:-.venv}/bin/python" -m tokenwheel
