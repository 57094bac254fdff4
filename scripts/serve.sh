#!/bin/sh
# Brings database and static files up to date and serves, as `make run` does. The server takes this
# process's place, and with it the signals.
set -eu

venv=${VENV:-.venv}
"$venv/bin/python" manage.py prepare
exec "$venv/bin/gunicorn"
