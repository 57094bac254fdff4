#!/bin/sh
# Serves with hot reload. Before that, brings the models into the volume, where they stay: the embedded
# one, and those whose ids are in DOWNLOAD, separated by blanks. Without a network it goes on.
set -eu

venv=${VENV:-.venv}
"$venv/bin/python" manage.py prepare
# shellcheck disable=SC2086 # a list of ids
[ -z "${DOWNLOAD:-}" ] || "$venv/bin/python" manage.py download_models $DOWNLOAD ||
    echo "Going on without $DOWNLOAD."
exec "$venv/bin/python" manage.py runserver "${HOST:-0.0.0.0}:${PORT:-8000}"
