"""The project's settings, with sessions in memory and static files served from their sources."""

from tokenwheel.settings import *  # noqa: F403

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
