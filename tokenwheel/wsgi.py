"""The WSGI application. `WHEEL_SERVING` marks this process as one that answers requests."""

import os

from django.core.wsgi import get_wsgi_application

from tokenwheel.environment import exit_on_setting_error

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
os.environ["WHEEL_SERVING"] = "1"

with exit_on_setting_error():
    application = get_wsgi_application()
