#!/bin/sh
# Serves with hot reload. Before that, stores models in the volume: the embedded one, and those whose
# ids are in DOWNLOAD, separated by spaces. If the download fails, it serves without them.
set -eu

venv=${VENV:-.venv}
"$venv/bin/python" manage.py prepare
# shellcheck disable=SC2086 # a list of ids
[ -z "${DOWNLOAD:-}" ] || "$venv/bin/python" manage.py download_models $DOWNLOAD ||
    echo "Going on without $DOWNLOAD."
host=${HOST:-0.0.0.0}
case "$host" in \[*) ;; *:*) host="[$host]" ;; esac # an IPv6 address
exec "$venv/bin/python" manage.py runserver "$host:${PORT:-8000}"
