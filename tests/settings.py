"""The project's settings, with sessions in memory and static files as they are."""

from tokenwheel.settings import *  # noqa: F403

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # look a file up when it is asked for, not all of them at every test
LIMITS = {}  # of tests come thousands from one address; those of the limits set their own
WHEEL_MAX_SESSIONS = 0
