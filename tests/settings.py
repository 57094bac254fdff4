"""The project's settings, with sessions in memory and static files served from their sources.

The database is a file, as in production: the threads of a live server then have connections of
their own. On the one connection of a database in memory, their transactions would mix with those of
the test, and fail.
"""

import os
import tempfile
from pathlib import Path

from tokenwheel.backends import sqlite_database
from tokenwheel.settings import *  # noqa: F403

DATABASE_FILE = Path(tempfile.gettempdir()) / f"tokenwheel-tests-{os.getpid()}.sqlite3"
DATABASES = {"default": sqlite_database(DATABASE_FILE) | {"TEST": {"NAME": str(DATABASE_FILE)}}}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # look a file up at its request, not all of them for every client
LIMITS = {}  # tests send thousands of requests from one address; tests of limits set their own
WHEEL_MAX_SESSIONS = 0
