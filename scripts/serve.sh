#!/bin/sh
# Brings database and static files up to date and serves, as `make run` does.
set -eu

.venv/bin/python manage.py prepare
exec .venv/bin/gunicorn
