"""What gunicorn runs. `WHEEL_SERVING` tells the app that this process answers requests."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
os.environ["WHEEL_SERVING"] = "1"

application = get_wsgi_application()
