#!/bin/sh
# Serves with hot reload; at the first start, brings the models into the volume.
set -eu

venv=${VENV:-.venv}
"$venv/bin/python" manage.py prepare
[ -z "${DOWNLOAD:-}" ] || "$venv/bin/python" manage.py download_models $DOWNLOAD || echo "Going on without them."
exec "$venv/bin/python" manage.py runserver "${HOST:-0.0.0.0}:${PORT:-8000}"
