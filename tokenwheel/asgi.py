"""The same for ASGI servers. `WHEEL_SERVING` tells the app that this process answers requests."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
os.environ["WHEEL_SERVING"] = "1"

application = get_asgi_application()
